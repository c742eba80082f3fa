package dev.kvpress.recipe.auxiliary;

import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.cache.ReadContext;
import dev.kvpress.recipe.cache.RecallQuestion;
import dev.kvpress.recipe.cache.Scoring;
import dev.kvpress.recipe.cache.Selection;
import dev.kvpress.recipe.model.Decoder;
import dev.kvpress.recipe.model.Shape;
import dev.kvpress.recipe.text.Document.Kind;
import dev.kvpress.recipe.text.RecallTask;
import dev.kvpress.recipe.text.Texts;
import dev.kvpress.recipe.text.Texts.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How badly the decoder goes on when heads have lost part of the context: the answer of a question,
 * the next tokens of a story. Contexts are read once and kept.
 */
final class Continuations implements AutoCloseable, BudgetCurve.Losses {
  private static final RecallTask.Kind[] KINDS = {
    RecallTask.Kind.SINGLE, RecallTask.Kind.MULTI_KEY, RecallTask.Kind.CHAIN
  };
  private static final int CONTEXT_TOKENS = 1000;
  private static final int STORY_TOKENS = 32;

  private final Decoder decoder;
  private final Bpe bpe;
  private final Rows rows;
  private final List<Continuation> all = new ArrayList<>();

  /**
   * One continuation.
   *
   * @param orders {@code [L][G][S]}, see {@link Selection#order}
   */
  private record Continuation(
      ReadContext context, int[][][] orders, int[] prompt, int[] expected) {}

  Continuations(Decoder decoder, Bpe bpe, Rows rows) {
    this.decoder = decoder;
    this.bpe = bpe;
    this.rows = rows;
  }

  /** Reads as many stories as questions of the train split; scorings take turns. */
  void read(int documents) {
    RecallTask task = new RecallTask(new Texts(), text -> bpe.encode(text).length);
    for (int i = 0; i < documents; i++) {
      Scoring scoring = Scoring.values()[i % Scoring.values().length];
      int depth = i * 7 % 11 * 10;
      RecallQuestion question =
          RecallQuestion.of(
              bpe, task.example(Split.TRAIN, KINDS[i % KINDS.length], i, depth, CONTEXT_TOKENS));
      add(scoring, question.context(), question.prompt(), question.answer());
      int[] story = rows.row(Split.TRAIN, Kind.STORY, i, CONTEXT_TOKENS + 1 + STORY_TOKENS).ids();
      add(
          scoring,
          Arrays.copyOf(story, CONTEXT_TOKENS),
          new int[] {story[CONTEXT_TOKENS]},
          Arrays.copyOfRange(story, CONTEXT_TOKENS + 1, story.length));
    }
  }

  private void add(Scoring scoring, int[] ids, int[] prompt, int[] expected) {
    ReadContext context = new ReadContext(decoder, ids);
    float[][][] scores = context.scores(scoring);
    int[][][] orders = new int[scores.length][][];
    for (int l = 0; l < orders.length; l++) {
      orders[l] = Arrays.stream(scores[l]).map(Selection::order).toArray(int[][]::new);
    }
    all.add(new Continuation(context, orders, prompt, expected));
  }

  /** Nats of a continuation, mean over all. */
  @Override
  public double[] of(List<double[]> removed) {
    double[] losses = new double[removed.size()];
    for (Continuation one : all) {
      List<boolean[][][]> lost = removed.stream().map(of -> lost(one, of)).toList();
      List<ReadContext.Verdict> verdicts =
          one.context().ask(one.prompt(), one.expected(), lost, null);
      for (int i = 0; i < losses.length; i++) {
        losses[i] += verdicts.get(i).nats() / all.size();
      }
    }
    return losses;
  }

  private boolean[][][] lost(Continuation one, double[] removed) {
    Shape shape = decoder.shape();
    boolean[][][] lost = new boolean[shape.layers()][shape.kvHeads()][];
    for (int head = 0; head < removed.length; head++) {
      int[] order = one.orders()[head / shape.kvHeads()][head % shape.kvHeads()];
      int kept = (int) Math.round(order.length * (1 - removed[head]));
      lost[head / shape.kvHeads()][head % shape.kvHeads()] = Selection.allBut(order, kept);
    }
    return lost;
  }

  @Override
  public void close() {
    all.forEach(one -> one.context().close());
  }
}
