package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.saved.ContextNotes;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A context that was read and compressed once, behind which any number of prompts may stand; none
 * sees another. Safe for any thread; closing it does nothing to generations that have begun.
 */
public final class SharedContext implements AutoCloseable {
  private final OpenCaches owner;
  private final Context context;
  private final ContextWords words;
  private final Compression compression;
  private final List<String> notices;
  private final Optional<Usage> reading;
  private final Figures figures;
  private boolean closed;

  /** What does not change. */
  private record Figures(long kept, long seen, long logical, long physical) {}

  /**
   * A context that has been read.
   *
   * @param owner counts it while it is open
   * @param context becomes its own to close
   * @param notices remarks of the press when it was cut
   * @param reading what reading and cutting it has taken; empty where it comes from a file
   */
  SharedContext(
      OpenCaches owner,
      Context context,
      ContextWords words,
      Compression compression,
      List<String> notices,
      Optional<Usage> reading) {
    this.owner = owner;
    this.context = context;
    this.words = words;
    this.compression = compression;
    this.notices = List.copyOf(notices);
    this.reading = reading;
    figures =
        new Figures(
            context.keptTokens(),
            context.seenTokens(),
            context.logicalBytes(),
            context.physicalBytes());
    owner.opened(this, figures.physical);
  }

  /** Tokens that were read. */
  public int tokens() {
    return words.ids().length();
  }

  /** Their ids. */
  public ImmutableIntArray ids() {
    return words.ids();
  }

  /** Tokens in the cache, over layers and KV heads. */
  public long keptTokens() {
    return figures.kept;
  }

  /** Tokens that were read, over layers and KV heads. */
  public long seenTokens() {
    return figures.seen;
  }

  /** Bytes of the keys and values of the tokens in the cache. */
  public long logicalBytes() {
    return figures.logical;
  }

  /** Bytes that it takes, padding and spare room included. */
  public long physicalBytes() {
    return figures.physical;
  }

  /** What cut it; goes on with prompts and answers if it evicts while decoding. */
  public Compression compression() {
    return compression;
  }

  /** Remarks of the press when it was cut, each once; none where it comes from a file. */
  public List<String> notices() {
    return notices;
  }

  /** What reading and cutting it has taken; empty where it comes from a file. */
  public Optional<Usage> reading() {
    return reading;
  }

  /**
   * Which of its tokens are in the cache.
   *
   * @throws IllegalStateException if it is closed
   */
  public synchronized KeptMap kept() {
    requireOpen("asked which tokens it holds");
    return KeptTokens.of(context, words.ids(), words.tokenizer());
  }

  /**
   * Saves it to a file, which is there whole afterwards, or as it was before. What the notes leave
   * empty of budget and prompt is said as it is known here.
   *
   * @throws dev.kvpress.runtime.ModelException if the file cannot be written, or if the press
   *     remembers what cannot be kept in one
   * @throws IllegalStateException if it is closed
   */
  public synchronized void save(Path file, ContextNotes notes) {
    requireOpen("saved");
    boolean silent = notes.prompt().equals(ContextNotes.NONE.prompt());
    context.save(
        file,
        new ContextNotes(
            notes.press(),
            notes.budget().isEmpty() ? compression.budget().describe() : notes.budget(),
            notes.origin(),
            silent ? words.notes() : notes.prompt()));
  }

  /** A context of one's own that goes on from here. */
  synchronized Context fork() {
    requireOpen("gone on with");
    return context.fork();
  }

  /** How prompts are written behind it. */
  ContextWords words() {
    return words;
  }

  /** Whose caches it is counted among. */
  OpenCaches owner() {
    return owner;
  }

  private void requireOpen(String what) {
    checkState(!closed, "the shared context is closed and cannot be %s; compress it again", what);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      owner.closed(this);
      context.close();
    }
  }
}
