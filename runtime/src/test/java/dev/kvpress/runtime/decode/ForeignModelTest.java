package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecodeFixtures.Keep;
import dev.kvpress.runtime.export.GraphRunner;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.export.Tensor;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Decoders of other exporters: one mask, one past length, other types, other state. */
class ForeignModelTest {
  private static final int[] PROMPT = {1, 4, 2, 8, 5, 7, 3, 9, 10, 6, 0, 2};
  private static final int[] NEXT = {3, 1, 7};

  @TempDir Path folder;

  private DecoderModel open(Path file) {
    return DecoderModel.open(file, DecoderOptions.cpu(folder));
  }

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  @ParameterizedTest
  @CsvSource({
    "INT64,FLOAT32,true,1e-5",
    "INT32,FLOAT32,true,1e-5",
    "INT64,FLOAT32,false,1e-5",
    "INT32,FLOAT16,true,2e-2"
  })
  void prefillCompressionAndBatchesWork(
      ElementType ids, ElementType floats, boolean positions, double tolerance) {
    ModelPress press = press("h2o(local_window_size=2)");
    Path file = ForeignModels.write(folder, ids, floats, positions);
    try (DecoderModel model = open(file);
        Context whole = model.start(1, press.needs());
        Context chunked = model.start(1, press.needs());
        Context batch = model.start(2, press.needs())) {
      assertThat(model.info().queryHeads()).isEqualTo(4);
      assertThat(model.info().kvHeads()).isEqualTo(2);
      model.requireSignals("h2o", press.needs());
      Logits last = whole.prefill(PROMPT, 100);
      assertClose(chunked.prefill(PROMPT, 5), last, tolerance);
      int[] shorter = Arrays.copyOf(PROMPT, 7);
      Logits both = batch.prefill(List.of(shorter, PROMPT), 5);
      assertClose(both, 1, row(last, 0), tolerance);

      EditSummary summary = whole.compress(press, Budget.ratio(0.5));
      assertThat(summary.removedTokens()).isEqualTo(6 * 2 * 2);
      // Without any positions in it, a graph is right however many tokens are left.
      assertThat(summary.notices()).isEmpty();
      assertThat(model.refusal(press, 40)).isEmpty();
      assertThat(whole.logicalBytes()).isEqualTo(6L * 2 * 2 * 2 * 4 * floats.bytes());
      batch.compress(press, Budget.ratio(0.5));
      assertThat(batch.positions(1, 1, 1)).containsExactly(whole.positions(1, 0, 1));
      assertThat(batch.positions(0, 0, 0)).hasSize(3);
      Logits more = whole.forward(NEXT);
      Logits moreOfBoth = batch.forward(List.of(NEXT, NEXT));
      for (int q = 0; q < NEXT.length; q++) {
        assertClose(moreOfBoth, NEXT.length + q, row(more, q), tolerance);
      }
      try (Context alone = model.start(1, press.needs())) {
        assertClose(both, 0, row(alone.prefill(shorter, 3), 0), tolerance);
        alone.compress(press, Budget.ratio(0.5));
        Logits own = alone.forward(NEXT);
        for (int q = 0; q < NEXT.length; q++) {
          assertClose(moreOfBoth, q, row(own, q), tolerance);
        }
      }
    }
  }

  @Test
  void anEvictedCacheEqualsAMaskedOne() throws Exception {
    Path file = ForeignModels.write(folder, ElementType.INT64, ElementType.FLOAT32, true);
    int[] kept = {0, 3, 4, 9, 11};
    try (DecoderModel model = open(file);
        Context context = model.start(1, Set.of());
        GraphRunner runner = GraphRunner.open(file)) {
      context.prefill(PROMPT, 4);
      context.compress(Keep.ofLayers(1, 2, kept, kept), Budget.FULL);
      Logits cut = context.forward(NEXT);
      Map<String, Tensor> whole = runner.pass(Arrays.stream(PROMPT).asLongStream().toArray()).run();
      long[] mask = new long[15];
      Arrays.fill(mask, 12, 15, 1);
      Arrays.stream(kept).forEach(k -> mask[k] = 1);
      Tensor masked =
          runner
              .pass(Arrays.stream(NEXT).asLongStream().toArray())
              .positions(GraphRunner.range(12, 15))
              .mask(mask)
              .after(whole)
              .run()
              .get("logits");
      for (int q = 0; q < 3; q++) {
        int from = q * ForeignModels.VOCAB;
        assertClose(
            cut, q, Arrays.copyOfRange(masked.data(), from, from + ForeignModels.VOCAB), 1e-4);
      }
    }
  }

  /** Heads and layers hold what they like; the same is seen over the whole cache with a bias. */
  @Test
  void unevenCachesEqualWholeOnesWithTheSameTokensHidden() throws Exception {
    Path file = ForeignModels.write(folder, ElementType.INT64, ElementType.FLOAT32, true);
    int[][][] kept = {{{0, 3, 9}, {1, 2, 5, 8, 11}}, {{4}, {0, 7}}};
    TappedGraph graph = GraphTap.tap(DecoderGraph.read(file), TapRequest.NONE.withPrunedCaches());
    try (DecoderModel model = open(file);
        Context context = model.start(1, Set.of());
        GraphRunner plain = GraphRunner.open(file);
        GraphRunner runner = GraphRunner.open(graph)) {
      context.prefill(PROMPT, 4);
      context.compress(new Keep(new int[][][] {kept[0], kept[1]}), Budget.FULL);
      Logits cut = context.forward(NEXT);
      GraphRunner.Pass pass =
          runner
              .pass(Arrays.stream(NEXT).asLongStream().toArray())
              .positions(GraphRunner.range(12, 15))
              .after(plain.pass(Arrays.stream(PROMPT).asLongStream().toArray()).run());
      for (int l = 0; l < 2; l++) {
        Tensor bias = Tensor.zeros(1, 2, 1, 12);
        Arrays.fill(bias.data(), -1e30f);
        for (int g = 0; g < 2; g++) {
          for (int token : kept[l][g]) {
            bias.data()[g * 12 + token] = 0;
          }
        }
        pass.bias(l, bias);
      }
      Tensor hidden = pass.run().get("logits");
      for (int q = 0; q < 3; q++) {
        int from = q * ForeignModels.VOCAB;
        assertClose(
            cut, q, Arrays.copyOfRange(hidden.data(), from, from + ForeignModels.VOCAB), 1e-4);
      }
    }
  }

  @Test
  void aPressWhoseSignalsAreNotThereIsRefusedNamingBoth() {
    ModelPress h2o = press("h2o");
    try (DecoderModel model = open(ForeignModels.withoutAttention(folder))) {
      assertThatThrownBy(() -> model.requireSignals("h2o", h2o.needs()))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("press h2o needs attention_sums")
          .hasMessageContaining("model foreign.onnx cannot give")
          .hasMessageContaining("found 0");
      model.requireSignals("knorm", press("knorm").needs());
      TokenRequest request = new TokenRequest(3, 4, h2o, Budget.ratio(0.5));
      assertThatThrownBy(
              () -> TokenGenerator.generate(model, PROMPT, request, id -> false, id -> {}))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("attention_sums");
    }
  }

  @Test
  void layersWithGapsAndOtherStateRun() {
    Path file = SharedModels.path("models/tiny-kv-decoder-onnx/decoder.onnx");
    try (DecoderModel model = open(file);
        Context context = model.start(1, Set.of())) {
      assertThat(model.info().layers()).isEqualTo(2);
      Logits last = context.prefill(new int[] {5, 9, 11, 2, 7}, 2);
      assertThat(last.vocabulary()).isEqualTo(1000);
      assertThat(context.keptTokens()).isEqualTo(5 * 2 * 4);
      try (Context fork = context.fork()) {
        EditSummary cut = fork.compress(press("knorm"), Budget.ratio(0.4));
        assertThat(cut.removedTokens()).isEqualTo(2 * 2 * 4);
        fork.forward(3);
        assertThat(fork.keptTokens()).isEqualTo(4 * 2 * 4);
        assertThat(fork.nextPosition(0)).isEqualTo(6);
      }
      float[] once = row(context.fork().forward(3), 0);
      assertThat(row(context.forward(3), 0)).containsExactly(once);
    }
  }
}
