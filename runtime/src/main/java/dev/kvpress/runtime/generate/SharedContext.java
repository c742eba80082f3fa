package dev.kvpress.runtime.generate;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.saved.ContextNotes;
import java.nio.file.Path;

/**
 * A context that was read and compressed once, behind which any number of prompts may stand; none
 * sees another. Safe for any thread; closing it does nothing to generations that have begun.
 */
public final class SharedContext implements AutoCloseable {
  /** Tokens that were read. */
  public int tokens() {
    throw new UnsupportedOperationException();
  }

  /** Their ids. */
  public ImmutableIntArray ids() {
    throw new UnsupportedOperationException();
  }

  /** Tokens in the cache, over layers and KV heads. */
  public long keptTokens() {
    throw new UnsupportedOperationException();
  }

  /** Tokens that were read, over layers and KV heads. */
  public long seenTokens() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of the keys and values of the tokens in the cache. */
  public long logicalBytes() {
    throw new UnsupportedOperationException();
  }

  /** Bytes that it takes, padding and spare room included. */
  public long physicalBytes() {
    throw new UnsupportedOperationException();
  }

  /** What cut it; goes on with prompts and answers if it evicts while decoding. */
  public Compression compression() {
    throw new UnsupportedOperationException();
  }

  /** Which of its tokens are in the cache. */
  public KeptMap kept() {
    throw new UnsupportedOperationException();
  }

  /** Saves it to a file, which is there whole afterwards, or as it was before. */
  public void save(Path file, ContextNotes notes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
