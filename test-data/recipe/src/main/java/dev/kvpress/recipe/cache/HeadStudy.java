package dev.kvpress.recipe.cache;

import ai.djl.ndarray.index.NDIndex;
import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.cache.ReadContext.Verdict;
import dev.kvpress.recipe.model.Decoder;
import dev.kvpress.recipe.model.Decoder.Attention;
import dev.kvpress.recipe.model.Shape;
import dev.kvpress.recipe.text.RecallTask;
import dev.kvpress.recipe.text.Texts;
import dev.kvpress.recipe.text.Texts.Split;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which KV heads find answers, and what a uniform and a shared ({@code adakv}) budget leave of the
 * answers in them. Questions for one fact of the test split, past those of the shipped data set.
 *
 * <p>For every head: attention that the answering queries give to the value asked for; nats that
 * the answer loses when this head alone loses the value; right answers when only this head still
 * has it; tokens and values kept by either budget; change of right answers when one head, in a
 * cache of uniform budgets, gets the selection of the shared one.
 */
public final class HeadStudy {
  private static final RecallTask.Kind[] KINDS = {
    RecallTask.Kind.SINGLE, RecallTask.Kind.MULTI_KEY
  };
  private static final int FIRST_NUMBER = 100;
  private static final int CONTEXT_TOKENS = 1900;

  private final Decoder decoder;
  private final Shape shape;
  private final Bpe bpe;
  private final PrintStream out;

  /** Studies {@code decoder}; tables go to {@code out}. */
  public HeadStudy(Decoder decoder, Bpe bpe, PrintStream out) {
    this.decoder = decoder;
    this.shape = decoder.shape();
    this.bpe = bpe;
    this.out = out;
  }

  /**
   * Prints the tables.
   *
   * @param questions how many
   * @param ratio fraction of the cache that is removed
   */
  public void run(int questions, double ratio) {
    RecallTask task = new RecallTask(new Texts(), text -> bpe.encode(text).length);
    HeadTotals totals = new HeadTotals(shape);
    for (int i = 0; i < questions; i++) {
      RecallTask.Kind kind = KINDS[i % KINDS.length];
      int depth = i / KINDS.length * 7 % 11 * 10;
      RecallQuestion question =
          RecallQuestion.of(
              bpe, task.example(Split.TEST, kind, FIRST_NUMBER + i, depth, CONTEXT_TOKENS));
      try (ReadContext context = new ReadContext(decoder, question.context())) {
        retrieval(context, question, totals);
        for (Scoring scoring : Scoring.values()) {
          budgets(context, question, scoring, ratio, totals);
        }
      }
    }
    totals.print(out, ratio);
  }

  private void retrieval(ReadContext context, RecallQuestion question, HeadTotals totals) {
    boolean[] value = question.values();
    List<boolean[][][]> caches = new ArrayList<>(List.of(cache(context), cache(context, value)));
    for (int head = 0; head < totals.heads(); head++) {
      boolean[][][] without = cache(context);
      without[totals.layer(head)][totals.group(head)] = value;
      caches.add(without);
      boolean[][][] alone = cache(context, value);
      alone[totals.layer(head)][totals.group(head)] = new boolean[value.length];
      caches.add(alone);
    }
    List<Verdict> verdicts =
        context.ask(
            question.prompt(),
            question.answer(),
            caches,
            (layer, attention) -> attention(layer, attention, question, totals));
    totals.retrieval(verdicts);
  }

  /** Mean over the queries that name the value, sum over the value; of the full cache. */
  private void attention(
      int layer, Attention attention, RecallQuestion question, HeadTotals totals) {
    boolean[] value = question.values();
    int answering = question.answer().length;
    float[] weights =
        attention
            .weights()
            .get(new NDIndex("0, :, {}:, :{}", question.prompt().length - 1, value.length))
            .toFloatArray();
    for (int g = 0; g < shape.kvHeads(); g++) {
      double most = 0;
      for (int h = g * shape.groupSize(); h < (g + 1) * shape.groupSize(); h++) {
        double sum = 0;
        for (int i = 0; i < answering * value.length; i++) {
          sum += value[i % value.length] ? weights[h * answering * value.length + i] : 0;
        }
        most = Math.max(most, sum / answering);
      }
      totals.attention(layer, g, most);
    }
  }

  private void budgets(
      ReadContext context,
      RecallQuestion question,
      Scoring scoring,
      double ratio,
      HeadTotals totals) {
    int kept = Math.max(1, (int) (context.tokens() * (1 - ratio)));
    float[][][] scores = context.scores(scoring);
    boolean[][][] uniform = new boolean[shape.layers()][][];
    boolean[][][] shared = new boolean[shape.layers()][][];
    for (int l = 0; l < shape.layers(); l++) {
      uniform[l] = Selection.uniform(scores[l], kept);
      shared[l] = Selection.shared(scores[l], kept);
    }
    List<boolean[][][]> caches = new ArrayList<>(List.of(uniform, shared));
    for (int head = 0; head < totals.heads(); head++) {
      boolean[][][] mixed = new boolean[shape.layers()][][];
      for (int l = 0; l < mixed.length; l++) {
        mixed[l] = uniform[l].clone();
      }
      int l = totals.layer(head);
      int g = totals.group(head);
      mixed[l][g] = shared[l][g];
      caches.add(mixed);
      totals.kept(scoring, head, question.values(), uniform[l][g], shared[l][g]);
    }
    totals.budgets(scoring, context.ask(question.prompt(), question.answer(), caches, null));
  }

  /** All heads have everything. */
  private boolean[][][] cache(ReadContext context) {
    return cache(context, new boolean[context.tokens()]);
  }

  /** All heads have lost the same. */
  private boolean[][][] cache(ReadContext context, boolean[] lost) {
    boolean[][][] cache = new boolean[shape.layers()][shape.kvHeads()][];
    for (boolean[][] layer : cache) {
      Arrays.fill(layer, lost);
    }
    return cache;
  }
}
