package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;

/** A request that remembers the logits it was given, to be held against the row alone. */
record AskedRow(
    String spec,
    ModelPress press,
    Budget budget,
    int[] prompt,
    int newTokens,
    TokenChoice choice,
    float tolerance,
    List<float[]> logits) {
  private static final float TOLERANCE = 1e-4f;

  static AskedRow greedy(String spec, Budget budget, int[] prompt, int newTokens) {
    return greedy(spec, PressCatalog.load().make(spec).press(), budget, prompt, newTokens);
  }

  static AskedRow greedy(
      String spec, ModelPress press, Budget budget, int[] prompt, int newTokens) {
    return new AskedRow(
        spec, press, budget, prompt, newTokens, TokenChoice.GREEDY, TOLERANCE, new ArrayList<>());
  }

  AskedRow choosing(TokenChoice other) {
    return new AskedRow(
        spec, press, budget, prompt, newTokens, other, tolerance, new ArrayList<>());
  }

  AskedRow within(double other) {
    return new AskedRow(
        spec, press, budget, prompt, newTokens, choice, (float) other, new ArrayList<>());
  }

  BatchRequest request() {
    return BatchRequest.greedy(prompt, press, budget, newTokens)
        .choosing(recording(choice, logits));
  }

  static TokenChoice recording(TokenChoice choice, List<float[]> into) {
    return (logits, row, text) -> {
      into.add(DecodeFixtures.row(logits, row));
      return choice.choose(logits, row, text);
    };
  }

  /** What the row gives alone. */
  record Single(TokenResult result, List<float[]> logits) {}

  Single single(DecoderModel model, int chunk) {
    List<float[]> own = new ArrayList<>();
    PressCalls calls = new PressCalls(press, budget);
    try (Context context = model.start(1, press.needs())) {
      Logits last = context.prefill(prompt, chunk);
      calls.compressPrompt(context);
      Answer.Terms terms =
          new Answer.Terms(recording(choice, own), newTokens, id -> false, TokenListener.NONE);
      return new Single(new Answer(model, context, calls, terms, prompt, 0).run(last), own);
    }
  }

  /** What a comparison has found. */
  enum Outcome {
    /** The same answer. */
    SAME,
    /**
     * The same answer as the row alone gives when its prompt is read in other chunks: scores were
     * equal but for rounding.
     */
    DECIDED_BY_ROUNDING,
    /** The row fails alone and here for the same reason. */
    FAILS_ALIKE
  }

  /** Fails unless the row has given what it gives alone. */
  Outcome compare(DecoderModel model, Ticket ticket, int chunk) {
    Single alone;
    try {
      alone = single(model, chunk);
    } catch (RuntimeException e) {
      assertThat(catchThrowable(ticket::result))
          .as(spec)
          .hasSameClassAs(e)
          .hasMessage(e.getMessage());
      return Outcome.FAILS_ALIKE;
    }
    if (ticket.future().isCompletedExceptionally()) {
      throw new AssertionError(spec, catchThrowable(ticket::result));
    }
    Outcome outcome = Outcome.SAME;
    if (!agrees(alone.logits())) {
      outcome = Outcome.DECIDED_BY_ROUNDING;
      alone =
          IntStream.of(1, 3, 5)
              .mapToObj(other -> single(model, other))
              .filter(other -> agrees(other.logits()))
              .findFirst()
              .orElse(alone);
    }
    assertSame(ticket.result(), alone);
    return outcome;
  }

  private boolean agrees(List<float[]> expected) {
    if (logits.size() != expected.size()) {
      return false;
    }
    for (int step = 0; step < logits.size(); step++) {
      for (int v = 0; v < logits.get(step).length; v++) {
        if (!(Math.abs(logits.get(step)[v] - expected.get(step)[v]) <= tolerance)) {
          return false;
        }
      }
    }
    return true;
  }

  private void assertSame(TokenResult result, Single alone) {
    assertThat(logits).as(spec).hasSameSizeAs(alone.logits());
    for (int step = 0; step < logits.size(); step++) {
      assertThat(logits.get(step))
          .as("%s, step %d", spec, step)
          .containsExactly(alone.logits().get(step), Offset.offset(tolerance));
    }
    TokenResult single = alone.result();
    assertThat(result.ids()).as(spec).isEqualTo(single.ids());
    assertThat(result.stopReason()).as(spec).isEqualTo(single.stopReason());
    assertThat(result.seenTokens()).as(spec).isEqualTo(single.seenTokens());
    assertThat(result.keptTokens()).as(spec).isEqualTo(single.keptTokens());
    assertThat(result.logicalBytes()).as(spec).isEqualTo(single.logicalBytes());
    assertThat(result.finalKeptTokens()).as(spec).isEqualTo(single.finalKeptTokens());
    assertThat(result.notices()).as(spec).isEqualTo(single.notices());
    assertThat(result.stepNanos().length()).as(spec).isEqualTo(single.stepNanos().length());
  }
}
