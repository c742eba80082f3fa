package com.example.story;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.GeneratorOptions;
import dev.kvpress.runtime.generate.Usage;
import java.nio.file.Path;

/** Goes on with a text on a cache from which 60 % are removed. */
public final class Storyteller {
  private Storyteller() {}

  /** Takes the folder of a model, one for exported graphs, and the text. */
  public static void main(String[] arguments) {
    ModelPress press = PressCatalog.load().make("h2o(local_window_size=16)").press();
    GenerationRequest request =
        GenerationRequest.text(arguments[2]).compressedBy(press, Budget.ratio(0.6)).atMost(40);
    DecoderOptions options = DecoderOptions.cpu(Path.of(arguments[1]));
    try (Generator generator =
        Generator.open(Path.of(arguments[0]), options, GeneratorOptions.DEFAULT)) {
      Usage usage =
          generator.start(request, piece -> System.out.print(piece.text())).join().usage();
      System.out.printf(
          "%n%d of %d tokens kept%n", usage.keptTokens(), usage.seenTokens());
    }
  }
}
