package dev.kvpress.runtime.probe;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.graph.GraphPrecision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Passes three tokens one by one, all at once, and the last two at once on a cache of the first.
 * The results must be the same. Where they are not although each token sees only those before it,
 * the graph does not understand its cache and is refused; where a token sees later ones, as in
 * graphs that were recorded with a single token, tokens must pass one by one.
 */
public final class PassProbe {
  private final ProbeSession session;
  private final Agreement agreement;
  private final OptionalInt declaredVocabulary;
  private final OptionalInt declaredQueries;
  private final List<Remark> notices = new ArrayList<>();

  /**
   * Prepares.
   *
   * @param declaredVocabulary V as the graph declares it
   * @param declaredQueries Q as the graph declares it
   */
  public PassProbe(
      ProbeSession session,
      GraphPrecision precision,
      OptionalInt declaredVocabulary,
      OptionalInt declaredQueries) {
    this.session = session;
    this.agreement = Agreement.of(precision);
    this.declaredVocabulary = declaredVocabulary;
    this.declaredQueries = declaredQueries;
  }

  /**
   * Runs it.
   *
   * @throws ModelException if the graph cannot be used as a decoder, with the cause
   */
  public PassBehaviour run() {
    ProbeCache empty = ProbeCache.empty(session.ports());
    int known = declaredVocabulary.orElse(2);
    ProbePass first = session.pass(empty, 0, known > 1 ? 1 : 0);
    int vocabulary = vocabulary(first);
    int x = known > 1 ? 1 : 0;
    int y = vocabulary / 2;
    int z = vocabulary - 1 - vocabulary / 4;
    ProbePass second = session.pass(ProbeCache.after(first), 1, y);
    ProbePass third = session.pass(ProbeCache.after(second), 2, z);
    float[] expected = third.lastLogits();

    ProbePass all = tried(() -> session.pass(empty, 0, x, y, z), declaredQueries.isEmpty());
    boolean togetherAtFirst = all != null && agreement.holds(all.lastLogits(), expected);
    if (all != null && !togetherAtFirst) {
      ProbePass other = session.pass(empty, 0, x, y, x);
      if (agreement.holds(other.newRows(2), all.newRows(2))) {
        throw new ModelException(
            "tokens that pass one by one give other logits than the same tokens at once, though none sees a later one: the graph does not go on rightly from its own cache");
      }
      notices.add(
          Remark.aside(
              "in this graph tokens that pass together see later ones (it was recorded with a single token); they pass one by one"));
    }
    ProbePass lastTwo = tried(() -> session.pass(ProbeCache.after(first), 1, y, z), false);
    boolean togetherLater = lastTwo != null && agreement.holds(lastTwo.lastLogits(), expected);
    if (togetherAtFirst && !togetherLater) {
      notices.add(
          Remark.aside(
              "this graph takes several tokens at once only while the cache is empty; on a cache they pass one by one"));
    }
    return new PassBehaviour(
        vocabulary, all != null && rows(all) == 1, togetherAtFirst, togetherLater, notices);
  }

  private interface Try {
    ProbePass run();
  }

  /**
   * Null where the engine refuses several tokens.
   *
   * @param promised whether the graph declares that it takes any number of tokens here. If it fails
   *     all the same, something in it was recorded for the tokens it was exported with, such as the
   *     experts that these chose, and no pass of it can be trusted
   */
  private @Nullable ProbePass tried(Try pass, boolean promised) {
    try {
      return pass.run();
    } catch (ModelException e) {
      if (promised) {
        throw new ModelException(
            "three tokens at once fail, though the graph declares any number of them; parts of it were recorded for the tokens it was exported with, as loops over experts are by tracing: export it with dynamo=True, or give the Hugging Face folder. "
                + e.getMessage(),
            e);
      }
      notices.add(
          Remark.aside(
              "several tokens at once are refused, they pass one by one: " + e.getMessage()));
      return null;
    }
  }

  private int vocabulary(ProbePass pass) {
    long[] shape = pass.output(session.ports().logits()).shape();
    if (shape.length != 3 || shape[0] != 1 || shape[1] != 1 || shape[2] < 1) {
      throw new ModelException(
          "logits of one token have shape %s, expected [1, 1, vocabulary]"
              .formatted(Arrays.toString(shape)));
    }
    if (declaredVocabulary.isPresent() && declaredVocabulary.getAsInt() != shape[2]) {
      throw new ModelException(
          "the graph declares a vocabulary of %d, but gives logits of %d tokens"
              .formatted(declaredVocabulary.getAsInt(), shape[2]));
    }
    return Math.toIntExact(shape[2]);
  }

  private int rows(ProbePass pass) {
    long[] shape = pass.output(session.ports().logits()).shape();
    if (shape.length != 3 || (shape[1] != 1 && shape[1] != pass.tokens())) {
      throw new ModelException(
          "logits of %d tokens have shape %s, expected [1, %d, vocabulary] or [1, 1, vocabulary]"
              .formatted(pass.tokens(), Arrays.toString(shape), pass.tokens()));
    }
    return Math.toIntExact(shape[1]);
  }
}
