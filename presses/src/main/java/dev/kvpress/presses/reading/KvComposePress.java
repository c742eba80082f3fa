package dev.kvpress.presses.reading;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ReadingPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Reader;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Reads the context once more behind itself and scores each token by the attention that it receives
 * from what is read. The best token of each head of a layer together are the layer's first
 * composite token, the second best its second, and so on; the budget is shared among composite
 * tokens of all layers, so that all heads of a layer keep equally many tokens, each its own.
 *
 * <p>The first layer gets at least as much as any other. Every head keeps a token, also where
 * kvpress {@code kvcompose_press.py} would leave none; lengths of values are those of the context,
 * where it fails on those of what is read.
 */
public final class KvComposePress implements ReadingPress {
  private static final Parameter STRUCTURED =
      Parameter.flag("structured", true, "whether the heads of a layer keep equally many tokens");
  private static final Parameter TASK =
      Parameter.text("agg_task", "max", "over what is read: mean or max");
  private static final Parameter GROUP =
      Parameter.text("agg_group", "mean", "over the query heads of a KV head: mean or max");
  private static final Parameter HEAD =
      Parameter.text("agg_head", "mean", "over the heads of a composite token: mean or max");
  private static final Parameter VALUES =
      Parameter.flag("add_v_norm", false, "whether scores are multiplied by the value's length");
  private static final Parameter MEAN =
      Parameter.flag("add_mean_across_heads", true, "whether the mean over heads is added");
  private static final Parameter LEAST =
      Parameter.integer("keep_token_lower_bound", 0, 0, "tokens that each layer keeps at least");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("kvcompose")
          .with(STRUCTURED)
          .with(TASK)
          .with(GROUP)
          .with(HEAD)
          .with(VALUES)
          .with(MEAN)
          .with(LEAST)
          .summary("Reads the context again and shares the budget among composite tokens.")
          .source("KVCompose, arXiv 2509.05165; kvpress kvcompose_press.py")
          .madeBy(
              arguments ->
                  new KvComposePress(
                      arguments.flag(STRUCTURED.name()),
                      Aggregate.of(arguments, TASK),
                      Aggregate.of(arguments, GROUP),
                      Aggregate.of(arguments, HEAD),
                      arguments.flag(VALUES.name()),
                      arguments.flag(MEAN.name()),
                      arguments.integer(LEAST)));

  private final boolean structured;
  private final Aggregate overQueries;
  private final Aggregate overGroup;
  private final Aggregate overHeads;
  private final boolean byValue;
  private final boolean addsMean;
  private final int least;

  KvComposePress(
      boolean structured,
      Aggregate overQueries,
      Aggregate overGroup,
      Aggregate overHeads,
      boolean byValue,
      boolean addsMean,
      int least) {
    this.structured = structured;
    this.overQueries = overQueries;
    this.overGroup = overGroup;
    this.overHeads = overHeads;
    this.byValue = byValue;
    this.addsMean = addsMean;
    this.least = least;
  }

  @Override
  public List<CacheEdit> compress(ModelSignals model, Reader reader, Budget budget) {
    List<Scores> scores = scores(model, reader);
    int[][] counts = counts(model, scores, budget);
    List<CacheEdit> edits = new ArrayList<>();
    for (int l = 0; l < scores.size(); l++) {
      Scores own = scores.get(l);
      int[] ofHeads = counts[l];
      edits.add(
          CacheEdit.keep(
              model.layers().get(l),
              (b, g) -> own.top(b, g, Math.min(ofHeads[g], own.length(b, g)))));
    }
    return edits;
  }

  /**
   * Lets the context be read again.
   *
   * @return scores of each layer {@code [1, G, S]}
   * @throws IllegalArgumentException if scores are not numbers
   */
  public List<Scores> scores(ModelSignals model, Reader reader) {
    int queries = reader.context().length();
    List<double[][]> received = new ArrayList<>();
    reader.read(
        reader.context(),
        needsOfReading(),
        (read, from, to) -> {
          if (to == queries) {
            read.layers().forEach(layer -> received.add(received(layer, queries)));
          }
        });
    List<Scores> scores = new ArrayList<>();
    for (int l = 0; l < received.size(); l++) {
      LayerSignals layer = model.layers().get(l);
      scores.add(scores(layer, received.get(l)));
      scores.get(l).requireNumbers(layer);
    }
    return scores;
  }

  /** What each token of the context has received, {@code [H][S]}. */
  private double[][] received(LayerSignals layer, int tokens) {
    double[][] received = new double[layer.queryHeads()][tokens];
    for (int h = 0; h < received.length; h++) {
      for (int j = 0; j < tokens; j++) {
        received[h][j] =
            overQueries == Aggregate.MAX
                ? layer.attention().maximum(0, h, j)
                : layer.attention().sum(0, h, j) / tokens;
      }
    }
    return received;
  }

  private Scores scores(LayerSignals layer, double[][] received) {
    double[][] heads = new double[layer.kvHeads()][];
    for (int g = 0; g < heads.length; g++) {
      int first = g * layer.groupSize();
      heads[g] = overGroup.of(Arrays.copyOfRange(received, first, first + layer.groupSize()));
      double[] lengths = byValue ? layer.values().norms(0, g, heads[g].length) : new double[0];
      for (int j = 0; byValue && j < heads[g].length; j++) {
        heads[g][j] *= lengths[j];
      }
    }
    double[] mean = addsMean ? Aggregate.MEAN.of(heads) : new double[heads[0].length];
    return Scores.of(
        layer,
        (scores, b, g) -> {
          for (int j = 0; j < mean.length; j++) {
            scores.set(b, g, j, (float) (heads[g][j] + mean[j]));
          }
        });
  }

  /** Tokens that each head keeps, {@code [L][G]}. */
  private int[][] counts(ModelSignals model, List<Scores> scores, Budget budget) {
    List<double[]> lists = structured ? ofLayers(scores) : ofHeads(scores);
    int length = model.layers().get(0).maxLength();
    int[] kept =
        CompositeTokens.counts(lists, least, kept((long) lists.size() * length, length, budget));
    int[][] counts = new int[scores.size()][];
    int list = 0;
    for (int l = 0; l < counts.length; l++) {
      counts[l] = new int[scores.get(l).kvHeads()];
      for (int g = 0; g < counts[l].length; g++) {
        counts[l][g] = structured ? kept[l] : kept[list++];
      }
    }
    return counts;
  }

  /** What stays is truncated, as kvpress has it. */
  private static int kept(long places, int length, Budget budget) {
    return budget.compressionRatio().isPresent()
        ? (int) (places * (1 - budget.compressionRatio().getAsDouble()))
        : Math.toIntExact(places / length * budget.keptOf(length));
  }

  private static List<double[]> ofHeads(List<Scores> scores) {
    List<double[]> lists = new ArrayList<>();
    for (Scores layer : scores) {
      lists.addAll(Arrays.asList(descending(layer)));
    }
    return lists;
  }

  private List<double[]> ofLayers(List<Scores> scores) {
    List<double[]> lists = new ArrayList<>();
    for (Scores layer : scores) {
      lists.add(overHeads.of(descending(layer)));
    }
    lists.set(0, Aggregate.MAX.of(lists.toArray(new double[0][])));
    return lists;
  }

  /** {@code [G][S]}, each head from its best token to its worst. */
  private static double[][] descending(Scores scores) {
    double[][] heads = new double[scores.kvHeads()][];
    for (int g = 0; g < heads.length; g++) {
      double[] own = new double[scores.length(0, g)];
      for (int j = 0; j < own.length; j++) {
        own[j] = scores.get(0, g, j);
      }
      heads[g] = CompositeTokens.descending(own);
    }
    return heads;
  }

  @Override
  public Set<Signal> needsOfReading() {
    return Set.of(
        overQueries == Aggregate.MAX ? new Signal.AttentionMaxima() : new Signal.AttentionSums());
  }

  @Override
  public CacheShape leaves() {
    return structured ? CacheShape.BY_LAYER : CacheShape.BY_HEAD;
  }
}
