package dev.kvpress.runtime.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.ExportedModel;
import dev.kvpress.runtime.export.GraphRunner;
import dev.kvpress.runtime.export.ReferenceFolders;
import dev.kvpress.runtime.export.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs over packed tokens against the decomposed graph over what these stand for. */
class PackedCachesTest {
  private static final TapRequest EVERYTHING =
      TapRequest.NONE
          .withColumnSums()
          .withLastRows(3)
          .withFullAttention()
          .withQueries(2)
          .withQueriesPreRope(TapRequest.ALL)
          .withHiddenStates();

  @TempDir static Path folder;

  /**
   * @param packed tokens in few bits, a multiple of the group
   * @param residual tokens in full precision behind them
   * @param gap positions left out before the last of them, as if tokens were gone
   */
  private record Case(
      int bits, int keyGroup, int batch, int packed, int residual, int queries, int gap) {}

  static List<Path> folders() throws IOException {
    return ReferenceFolders.all();
  }

  @ParameterizedTest
  @MethodSource("folders")
  void everyArchitectureReadsPackedTokens(Path architecture) throws IOException, OrtException {
    compare(architecture, new Case(4, 4, 2, 8, 3, 2, 2), EVERYTHING);
  }

  static Stream<Arguments> cases() throws IOException {
    List<Case> cases =
        List.of(
            new Case(8, 4, 1, 8, 3, 1, 0),
            new Case(2, 4, 1, 12, 1, 1, 3),
            new Case(4, 8, 1, 16, 0, 1, 1),
            new Case(8, 3, 2, 9, 0, 4, 5),
            new Case(8, 4, 1, 0, 5, 1, 0),
            new Case(4, 4, 2, 0, 0, 3, 0),
            new Case(2, 1, 1, 5, 2, 5, 1),
            new Case(2, 4, 3, 4, 6, 1, 2));
    List<String> names =
        List.of("llama", "gemma2-window", "gemma3", "gpt2", "bloom", "falcon-alibi", "gpt-oss");
    return folders().stream()
        .filter(f -> names.contains(f.getFileName().toString()))
        .flatMap(f -> cases.stream().map(c -> Arguments.of(f, c)));
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("cases")
  void bitsGroupsRowsAndPassesOfAnySize(Path architecture, Case sizes)
      throws IOException, OrtException {
    compare(architecture, sizes, EVERYTHING);
    compare(architecture, sizes, TapRequest.NONE.withLastLogits());
  }

  @Test
  void evenCachesNeedNoBias() throws IOException, OrtException {
    compare(
        architecture("gemma2-window"),
        new Case(4, 4, 1, 8, 2, 3, 0),
        TapRequest.NONE.withColumnSums().withoutCacheBias());
  }

  /** Else the caches of several layers would stand in full precision at once. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLayerIsUnpackedOnceTheOneBeforeIsDone(boolean tapped) throws IOException, OrtException {
    DecoderGraph graph = DecoderGraph.read(export(architecture("gemma3")).decomposed());
    PackedForm form = new PackedForm(4, 4, graph.ports().headSize());
    TappedGraph packed =
        GraphTap.tap(PackedCaches.of(graph, form), tapped ? EVERYTHING : TapRequest.NONE);
    Case sizes = new Case(4, 4, 1, 8, 2, 1, 0);
    try (GraphRunner runner = GraphRunner.watched(packed, folder.resolve("profile"))) {
      GraphRunner.Pass pass = pass(runner, new long[][] {{1}}, sizes);
      for (LayerPorts layer : graph.ports().layers()) {
        feed(layer, graph.ports(), form, sizes, new Random(3), TapRequest.NONE, pass, pass);
      }
      var unused = pass.run();
      List<String> order = runner.nodesInOrder();
      int done = -1;
      for (LayerPorts layer : graph.ports().layers()) {
        String context = OwnGraph.context(layer.layer());
        List<Integer> unpacked = positions(order, "layers." + layer.layer() + ".", ".numbers");
        assertThat(unpacked).as(order.toString()).hasSize(2).allMatch(at -> at >= 0);
        assertThat(Collections.min(unpacked)).isGreaterThan(done);
        done = order.indexOf(context + ".packed.of_codes");
        assertThat(done).isGreaterThan(Collections.max(unpacked));
      }
    }
  }

  private static List<Integer> positions(List<String> order, String begin, String end) {
    return IntStream.range(0, order.size())
        .filter(i -> order.get(i).startsWith(begin) && order.get(i).endsWith(end))
        .boxed()
        .toList();
  }

  @Test
  void fewerBitsAreFurtherFromTheKeysThemselves() throws IOException {
    Tensor keys = random(new Random(1), 1, 2, 32, 16);
    double before = 0;
    for (int bits : new int[] {8, 4, 2}) {
      PackedTokens packed = new PackedTokens(keys, keys, new PackedForm(bits, 32, 16));
      double error = distance(packed.keys.data(), keys.data());
      assertThat(error).isGreaterThan(4 * before).isLessThan(1);
      assertThat(packed.keyCodes.data().capacity()).isEqualTo(keys.data().length * bits / 8);
      before = error;
    }
  }

  @Test
  void whatHasNoSuchFormSaysWhy() throws IOException {
    ExportedModel model = export(architecture("llama"));
    DecoderGraph fused = DecoderGraph.read(model.fused());
    PackedForm form = PackedForm.of(4, fused.ports().headSize());
    assertThatThrownBy(() -> PackedCaches.of(fused, form))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("standard operators");
    DecoderGraph graph = DecoderGraph.read(model.decomposed());
    assertThat(PackedCaches.refusal(graph, form)).isEmpty();
    DecoderGraph ofOthers =
        DecoderGraph.of(graph.model().toBuilder().clearMetadataProps().build(), graph.file());
    assertThat(PackedCaches.refusal(ofOthers, form))
        .hasValueSatisfying(r -> assertThat(r).contains("another tool", "export the checkpoint"));
    assertThat(PackedCaches.refusal(graph, new PackedForm(4, 32, 7)))
        .hasValueSatisfying(r -> assertThat(r).contains("groups of 7 channels", "head size"));
    assertThat(new PackedForm(2, 32, 2).refusal(6))
        .hasValueSatisfying(r -> assertThat(r).contains("head size 6"));
    assertThatThrownBy(() -> new PackedForm(3, 32, 32)).hasMessageContaining("found 3");
  }

  @Test
  void groupsOfChannelsDivideTheHeadSize() {
    assertThat(PackedForm.of(4, 128).valueGroup()).isEqualTo(32);
    assertThat(PackedForm.of(4, 80).valueGroup()).isEqualTo(20);
    assertThat(PackedForm.of(8, 16).valueGroup()).isEqualTo(16);
  }

  private static void compare(Path architecture, Case sizes, TapRequest tap)
      throws IOException, OrtException {
    DecoderGraph graph = DecoderGraph.read(export(architecture).decomposed());
    int headSize = graph.ports().headSize();
    PackedForm form =
        new PackedForm(sizes.bits, sizes.keyGroup, headSize % 2 == 0 ? headSize / 2 : headSize);
    DecoderGraph packedGraph = PackedCaches.of(graph, form);
    assertThat(packedGraph.ports().form()).isEqualTo(AttentionForm.PACKED);
    try (GraphRunner whole = GraphRunner.open(GraphTap.tap(graph, tap));
        GraphRunner packed = GraphRunner.open(GraphTap.tap(packedGraph, tap))) {
      Random random = new Random(sizes.hashCode());
      long[][] ids = ids(random, graph, sizes);
      GraphRunner.Pass expected = pass(whole, ids, sizes);
      GraphRunner.Pass actual = pass(packed, ids, sizes);
      for (LayerPorts layer : graph.ports().layers()) {
        feed(layer, graph.ports(), form, sizes, random, tap, expected, actual);
      }
      requireSame(sizes, packed.ports(), actual.run(), expected.run());
    }
  }

  private static void feed(
      LayerPorts layer,
      DecoderInterface ports,
      PackedForm form,
      Case sizes,
      Random random,
      TapRequest tap,
      GraphRunner.Pass expected,
      GraphRunner.Pass actual) {
    int heads = ports.kvHeads();
    int size = ports.headSize();
    int past = sizes.packed + sizes.residual;
    Tensor keys = random(random, sizes.batch, heads, past, size);
    Tensor values = random(random, sizes.batch, heads, past, size);
    int[] older = IntStream.range(0, sizes.packed).toArray();
    int[] newer = IntStream.range(sizes.packed, past).toArray();
    PackedTokens packed = new PackedTokens(keys.rows(older), values.rows(older), form);
    Tensor residualKeys = keys.rows(newer);
    Tensor residualValues = values.rows(newer);
    expected.cache(
        layer.layer(), joined(packed.keys, residualKeys), joined(packed.values, residualValues));
    actual.cache(layer.layer(), residualKeys, residualValues);
    actual.packed(layer.layer(), packed.tensors());
    int[] positions = IntStream.range(0, past).toArray();
    if (past > 0) {
      positions[past - 1] += sizes.gap;
    }
    expected.cachePositions(layer.layer(), positions);
    actual.cachePositions(layer.layer(), positions);
    if (!tap.dropCacheBias()) {
      Tensor bias = Tensor.zeros(sizes.batch, heads, 1, past);
      for (int i = 0; i < bias.data().length; i++) {
        bias.data()[i] = random.nextInt(4) == 0 ? OwnGraph.MASKED : 0;
      }
      expected.bias(layer.layer(), bias);
      actual.bias(layer.layer(), bias);
    }
  }

  private static GraphRunner.Pass pass(GraphRunner runner, long[][] ids, Case sizes) {
    int first = sizes.packed + sizes.residual + sizes.gap;
    long[][] positions = new long[ids.length][];
    Arrays.fill(positions, GraphRunner.range(first, first + sizes.queries));
    return runner.batch(ids).positions(positions);
  }

  private static long[][] ids(Random random, DecoderGraph graph, Case sizes) {
    int vocabulary = graph.vocabulary().orElseThrow();
    long[][] ids = new long[sizes.batch][sizes.queries];
    for (long[] row : ids) {
      Arrays.setAll(row, i -> random.nextInt(vocabulary));
    }
    return ids;
  }

  private static void requireSame(
      Case sizes,
      DecoderInterface ports,
      Map<String, Tensor> actual,
      Map<String, Tensor> expected) {
    List<String> presents = new ArrayList<>();
    ports.layers().forEach(l -> presents.addAll(List.of(l.presentKey(), l.presentValue())));
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, wanted) -> {
          Tensor found = actual.get(name);
          Tensor same = presents.contains(name) ? behind(sizes.packed, wanted) : wanted;
          assertThat(found.shape()).as(name).isEqualTo(same.shape());
          float most = 1;
          for (float number : same.data()) {
            assertThat(number).as(name).isFinite();
            most = Math.max(most, Math.abs(number));
          }
          assertThat(found.data())
              .as(name)
              .usingComparatorWithPrecision(1e-5f * most)
              .containsExactly(same.data());
        });
  }

  private static Tensor behind(int first, Tensor tensor) {
    return tensor.rows(IntStream.range(first, tensor.dim(2)).toArray());
  }

  /** Normal numbers, some channels far from 0 as those of keys often are. */
  private static Tensor random(Random random, int... shape) {
    Tensor tensor = Tensor.zeros(Arrays.stream(shape).asLongStream().toArray());
    int channels = shape[3];
    for (int i = 0; i < tensor.data().length; i++) {
      float offset = i % channels == 1 ? 4 : 0;
      tensor.data()[i] = (float) random.nextGaussian() + offset;
    }
    return tensor;
  }

  private static Tensor joined(Tensor first, Tensor second) {
    Tensor all =
        Tensor.zeros(first.dim(0), first.dim(1), first.dim(2) + second.dim(2), first.dim(3));
    for (int b = 0; b < all.dim(0); b++) {
      for (int g = 0; g < all.dim(1); g++) {
        for (int t = 0; t < all.dim(2); t++) {
          for (int d = 0; d < all.dim(3); d++) {
            int behind = t - first.dim(2);
            all.set(behind < 0 ? first.at(b, g, t, d) : second.at(b, g, behind, d), b, g, t, d);
          }
        }
      }
    }
    return all;
  }

  private static double distance(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }

  private static Path architecture(String name) throws IOException {
    return folders().stream()
        .filter(f -> f.getFileName().toString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static ExportedModel export(Path architecture) throws IOException {
    return ExportCache.of(folder.resolve("cache")).export(architecture);
  }
}
