package dev.kvpress.compare.bench;

import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a press takes by its nature, beside a prefill without signals: what it has asked to see,
 * held once for all layers; what one layer of one pass must hold for that to be had at all; and the
 * keys or values that it writes, since all layers are cut or none.
 *
 * @param terms one for each signal that takes anything
 */
record NaturalMemory(List<Term> terms) {
  NaturalMemory {
    terms = List.copyOf(terms);
  }

  /**
   * One signal's part.
   *
   * @param formula in the letters of the glossary, 4 or 8 bytes a number
   */
  record Term(String formula, long bytes) {}

  /**
   * Of a prefill of one row and a cut.
   *
   * @param tokens S
   * @param chunk Q, queries of a pass
   * @param kept tokens that stay in each head, K
   */
  static NaturalMemory of(ModelPress press, BenchShape shape, int tokens, int chunk, int kept) {
    List<Term> terms = new ArrayList<>(ofSignals(press.needs(), shape, tokens, chunk));
    long written = 4L * shape.layers() * shape.kvHeads() * kept * shape.headSize();
    if (press.readsAgain()) {
      long whole = 8L * shape.layers() * shape.kvHeads() * shape.headSize() * 2 * tokens;
      terms.add(new Term("8·L·G·2S·D cache of what is read again, behind the context", whole));
    }
    if (press.movesTokens()) {
      terms.add(new Term("4·L·G·K·D turned keys", written));
    }
    if (press.replacesValues()) {
      terms.add(new Term("4·L·G·K·D new values", written));
    }
    return new NaturalMemory(terms);
  }

  private static List<Term> ofSignals(
      Set<Signal> signals, BenchShape shape, int tokens, int chunk) {
    List<Term> terms = new ArrayList<>();
    long layers = shape.layers();
    long heads = layers * shape.heads();
    for (Signal signal : signals) {
      if (signal instanceof Signal.AttentionSums) {
        // The engine's fused operator has no softmax as a whole unless it is asked to give it, and
        // then computes in one and gives a copy.
        terms.add(
            new Term(
                "8·L·H·S sums + 2·4·H·Q·S softmax",
                8 * heads * tokens + 2 * shape.attentionBytes(Math.min(chunk, tokens), tokens)));
      } else if (signal instanceof Signal.AttentionRows rows) {
        int window = Math.min(rows.window(), tokens);
        terms.add(new Term("4·L·H·W·S rows, W=" + rows.window(), 4 * heads * window * tokens));
      } else if (signal instanceof Signal.AttentionMatrix) {
        terms.add(new Term("4·L·H·S·S attention", 4 * heads * tokens * tokens));
      } else if (signal instanceof Signal.Queries queries) {
        boolean all = queries.window() == Signal.ALL;
        long window = Math.min(queries.window(), tokens);
        terms.add(
            new Term(
                all ? "4·L·H·S·D queries" : "4·L·H·W·D queries, W=" + queries.window(),
                4 * heads * window * shape.headSize()));
      } else if (signal instanceof Signal.QueryMoments moments) {
        long size = shape.headSize();
        terms.add(
            moments.covariance()
                ? new Term("8·L·H·D·D moments", 8 * heads * size * size)
                : new Term("8·L·H·D means", 8 * heads * size));
      } else if (signal instanceof Signal.HiddenStates) {
        terms.add(new Term("4·L·S·E hidden states", 4 * layers * tokens * shape.hidden()));
      } else if (signal instanceof Signal.OutputProjection) {
        terms.add(new Term("4·L·E·H·D projections", 4 * heads * shape.headSize() * shape.hidden()));
      }
    }
    return terms;
  }

  /** The whole. */
  long bytes() {
    return terms.stream().mapToLong(Term::bytes).sum();
  }

  /** All formulas; {@code 0} where nothing is asked for. */
  String formula() {
    return terms.isEmpty()
        ? "0"
        : terms.stream().map(Term::formula).collect(Collectors.joining(" + "));
  }
}
