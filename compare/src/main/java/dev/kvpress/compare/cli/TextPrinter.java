package dev.kvpress.compare.cli;

import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.GenerationListener;
import dev.kvpress.runtime.generate.TextPiece;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Prints a text as it comes, on the thread that wants it printed: a generator must not wait. */
final class TextPrinter implements GenerationListener {
  /** Pieces; an empty one is the end. */
  private final BlockingQueue<Optional<String>> pieces = new LinkedBlockingQueue<>();

  @Override
  public void onPiece(TextPiece piece) {
    pieces.add(Optional.of(piece.text()));
  }

  @Override
  public void onEnd(Generation generation) {
    pieces.add(Optional.empty());
  }

  @Override
  public void onFailure(RuntimeException reason) {
    pieces.add(Optional.empty());
  }

  /** Prints all pieces as they come, up to the end. */
  void printTo(PrintStream out) throws InterruptedException {
    for (Optional<String> piece = pieces.take(); piece.isPresent(); piece = pieces.take()) {
      out.print(piece.get());
      out.flush();
    }
  }
}
