package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.graph.ZooGraph;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Graphs of many tools and kinds: with every press the figure of a computation that knows nothing
 * of graphs, kept tokens at their true positions.
 */
@Tag(TestProvider.TAG)
class GraphZooTest {
  private static final List<String> PRESSES =
      List.of(
          "knorm",
          "streaming_llm",
          "h2o(local_window_size=4)",
          "snapkv(window_size=4,kernel_size=3)",
          "adakv(snapkv(window_size=4,kernel_size=3))");

  /** Why a graph serves no press at all. */
  private static final Map<String, String> WITHOUT_PRESSES =
      Map.of("unrotated-cache", "keys are rotated behind the cache");

  /** Why a graph takes no prompts of different lengths together. */
  private static final Map<String, String> WITHOUT_BATCHES =
      Map.of(
          "no-mask", "cannot tell padding from tokens",
          "no-mask-but-positions", "cannot tell padding from tokens",
          "gqa-no-mask", "cannot tell padding from tokens",
          "mask-of-positions", "counts padding as tokens",
          "learned-of-past", "counts padding as tokens",
          "triangle", "counts padding as tokens",
          "hybrid", "counts padding as tokens",
          "batch-of-one", "takes batches of 1 only, found 2 rows",
          "one-token", "takes batches of 1 only, found 2 rows");

  @TempDir static Path cache;

  static List<ZooGraph> graphs() {
    return ZooGraph.all();
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void everyPressGivesTheRightFigure(ZooGraph graph) {
    try (DecoderModel model = DecoderModel.open(graph.path(), DecodeFixtures.oneThread(cache))) {
      List<String> served = served(model, graph);
      everyPressGivesTheRightFigure(graph, model, served);
    }
  }

  /** Presses that are not refused; a graph that serves not all serves none, and says why. */
  private static List<String> served(DecoderModel model, ZooGraph graph) {
    int positions = graph.prompt().length + graph.next().length;
    String reason = WITHOUT_PRESSES.get(graph.name());
    if (reason == null) {
      PRESSES.forEach(spec -> model.requirePress(spec, press(spec), positions));
      return PRESSES;
    }
    for (String spec : PRESSES) {
      assertThatThrownBy(() -> model.requirePress(spec, press(spec), positions))
          .as(spec)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining(reason);
    }
    return List.of();
  }

  private static void everyPressGivesTheRightFigure(
      ZooGraph graph, DecoderModel model, List<String> presses) {
    Set<Signal> signals = Signal.union(presses.stream().map(s -> press(s).needs()).toList());
    int[] prompt = graph.prompt();
    try (Context whole = model.start(1, signals);
        Context chunked = model.start(1, signals)) {
      assertThat(model.info().vocabulary()).isEqualTo(40);
      float[] last = graph.logits(prompt.length - 1);
      assertClose(whole.prefill(prompt, prompt.length), 0, last, graph.tolerance());
      assertClose(chunked.prefill(prompt, 7), 0, last, graph.tolerance());
      for (Context context : List.of(whole, chunked)) {
        try (Context fork = context.fork()) {
          assertNll(graph, "baseline", fork);
        }
        for (String spec : presses) {
          try (Context fork = context.fork()) {
            fork.compress(press(spec), Budget.ratio(0.5));
            assertThat(fork.achievedRatio()).as(spec).isEqualTo(0.5);
            assertNll(graph, spec, fork);
          }
        }
      }
    }
  }

  /** Prompts of different lengths beside each other, cut, each go on as if they were alone. */
  @Tag("long")
  @ParameterizedTest
  @MethodSource("graphs")
  void batchesAreAsOneByOne(ZooGraph graph) {
    int[] prompt = graph.prompt();
    List<int[]> prompts = List.of(Arrays.copyOf(prompt, prompt.length - 5), prompt);
    int[] next = Arrays.copyOf(graph.next(), 3);
    ModelPress press = press("h2o(local_window_size=4)");
    assumeThat(WITHOUT_PRESSES).doesNotContainKey(graph.name());
    try (DecoderModel model = DecoderModel.open(graph.path(), DecodeFixtures.oneThread(cache))) {
      List<Logits> expected = new ArrayList<>();
      for (int[] alone : prompts) {
        try (Context context = model.start(1, press.needs())) {
          context.prefill(alone, 7);
          context.compress(press, Budget.ratio(0.5));
          expected.add(context.forward(next));
        }
      }
      Logits both;
      try (Context context = model.start(2, press.needs())) {
        context.prefill(prompts, 7);
        context.compress(press, Budget.ratio(0.5));
        both = context.forward(List.of(next, next));
      } catch (ModelException e) {
        // A figure that would be wrong is refused, and nothing else is.
        assertThat(WITHOUT_BATCHES).as(e.getMessage()).containsKey(graph.name());
        assertThat(e).hasMessageContaining(WITHOUT_BATCHES.get(graph.name()));
        return;
      }
      assertThat(WITHOUT_BATCHES).doesNotContainKey(graph.name());
      for (int b = 0; b < 2; b++) {
        for (int q = 0; q < next.length; q++) {
          float[] alone = DecodeFixtures.row(expected.get(b), q);
          assertClose(both, b * next.length + q, alone, Math.min(1e-3, graph.tolerance()));
        }
      }
    }
  }

  /** The first tokens together, the others one by one. */
  private static void assertNll(ZooGraph graph, String spec, Context context) {
    int[] next = graph.next();
    int together = next.length / 2;
    context.stopObserving();
    double sum = 0;
    Logits logits = context.forward(Arrays.copyOf(next, together));
    for (int q = 0; q < together; q++) {
      sum += logits.negativeLogLikelihood(q, next[q + 1]);
    }
    for (int i = together; i < next.length - 1; i++) {
      sum += context.forward(next[i]).negativeLogLikelihood(0, next[i + 1]);
    }
    double expected = graph.nll(spec);
    assertThat(sum / (next.length - 1))
        .as("%s (%s) with %s", graph.name(), graph.words(), spec)
        .isCloseTo(expected, within(graph.tolerance() * (1 + expected)));
  }

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }
}
