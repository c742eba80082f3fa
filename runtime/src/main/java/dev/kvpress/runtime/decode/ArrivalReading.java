package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** How the prompt of a request gets into its context, chunk by chunk, and is cut there. */
interface ArrivalReading {
  boolean isDone();

  /** Reads a chunk. */
  void next();

  /** Lets the press cut what was read. */
  void end();

  /** Logits of the last token, once all were read. */
  Logits logits();

  /** A prompt in a context of its own, which is cut at its end. */
  static ArrivalReading ofPrompt(PromptPasses passes, Context context, PressCalls calls) {
    return new ArrivalReading() {
      @Override
      public boolean isDone() {
        return passes.isDone();
      }

      @Override
      public void next() {
        passes.next();
      }

      @Override
      public void end() {
        calls.compressPrompt(context);
      }

      @Override
      public Logits logits() {
        return passes.logits();
      }
    };
  }

  /** A prompt that has passed and was cut. */
  static ArrivalReading nothing(Logits last, Context context, PressCalls calls) {
    return new ArrivalReading() {
      @Override
      public boolean isDone() {
        return true;
      }

      @Override
      public void next() {
        throw new IllegalStateException("the prompt has passed already");
      }

      @Override
      public void end() {
        calls.observeNoMoreThanNeeded(context);
      }

      @Override
      public Logits logits() {
        return last;
      }
    };
  }

  /** A prompt behind a context; a press that evicts while decoding is asked after each chunk. */
  static ArrivalReading behind(Context context, int[] prompt, int chunkSize, PressCalls calls) {
    return new Behind(context, prompt, chunkSize, calls);
  }

  /** See {@link ArrivalReading#behind}. */
  final class Behind implements ArrivalReading {
    private final Context context;
    private final int[] prompt;
    private final int chunkSize;
    private final PressCalls calls;
    private int from;
    private @Nullable Logits last;

    private Behind(Context context, int[] prompt, int chunkSize, PressCalls calls) {
      this.context = context;
      this.prompt = prompt;
      this.chunkSize = chunkSize;
      this.calls = calls;
    }

    @Override
    public boolean isDone() {
      return from == prompt.length;
    }

    @Override
    public void next() {
      int to = Math.min(prompt.length, from + chunkSize);
      last = context.forward(Arrays.copyOfRange(prompt, from, to));
      calls.compressStep(context);
      from = to;
    }

    @Override
    public void end() {
      calls.observeNoMoreThanNeeded(context);
    }

    @Override
    public Logits logits() {
      return requireNonNull(last, "chunks of the prompt are left");
    }
  }
}
