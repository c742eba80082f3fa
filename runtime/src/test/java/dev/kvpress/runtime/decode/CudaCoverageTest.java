package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.ExportedModel;
import dev.kvpress.runtime.export.ReferenceFolders;
import dev.kvpress.runtime.export.architecture.SlotRotation;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.PackedForm;
import dev.kvpress.runtime.graph.RolledKeys;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.kernels.CudaKernels;
import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every graph that is written, with every signal that a press asks for, against the recorded table
 * of CUDA kernels: what would run on the processor is in a list here, with the reason why that is
 * borne, or the test fails. New operators, architectures, presses and taps are covered as they
 * come.
 */
@Tag("long")
class CudaCoverageTest {
  private static final int WINDOW = 3;

  /**
   * Fallbacks that are known.
   *
   * @param form in graphs of which form
   * @param operator of which operator
   * @param reason what the table says, or a part of it
   * @param borne why that is no harm
   */
  private record Borne(AttentionForm form, String operator, String reason, String borne) {
    boolean covers(AttentionForm found, Fallback fallback) {
      return found == form
          && fallback.operator().equals(operator)
          && fallback.reason().contains(reason);
    }
  }

  private static final List<Borne> BORNE =
      List.of(
          new Borne(
              AttentionForm.FUSED,
              "com.microsoft.GroupQueryAttention",
              "is for bf16, f16, found f32",
              "passes on a GPU take the decomposed graph instead, see FusedForm"),
          new Borne(
              AttentionForm.FUSED,
              "com.microsoft.GroupQueryAttention",
              "refuses output_qk",
              "passes on a GPU take the decomposed graph instead, see FusedForm"));

  @TempDir static Path cache;

  static List<Path> folders() throws IOException {
    return ReferenceFolders.all();
  }

  @ParameterizedTest
  @MethodSource("folders")
  void everyNodeHasAKernelOrIsKnownToHaveNone(Path folder) {
    assertThat(unknown(ExportCache.of(cache).export(folder), taps())).isEmpty();
  }

  /** Taps touch no weight, so that one will do. */
  @ParameterizedTest
  @MethodSource("folders")
  void weightsOfEveryFormatHaveKernels(Path folder) {
    for (WeightFormat format : WeightFormat.values()) {
      ExportedModel model = ExportCache.of(cache).export(folder, format, Optional.empty());
      assertThat(unknown(model, Set.of(TapRequest.NONE))).as(format.label()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void cachesOfKeysBeforeRotationHaveKernels(Path folder) {
    ExportedModel model = ExportCache.of(cache).export(folder);
    assumeTrue(SlotRotation.refusal(model.config()).isEmpty(), "it has no such form");
    DecoderGraph graph = DecoderGraph.read(model.decomposed());
    ModelProto rolled =
        RolledKeys.of(GraphTap.tap(graph, TapRequest.NONE), new SlotRotation(model.config()))
            .model();
    assertThat(CudaKernels.fallbacks(rolled)).isEmpty();
    assertThat(CudaKernels.cudnnOperators(rolled)).isEmpty();
  }

  private static List<String> unknown(ExportedModel model, Set<TapRequest> taps) {
    List<String> unknown = new ArrayList<>();
    for (AttentionForm form : forms(model)) {
      DecoderGraph graph = DecoderGraph.read(model.graph(form));
      for (TapRequest tap : taps) {
        for (Fallback fallback : fallbacks(graph, tap)) {
          if (BORNE.stream().noneMatch(known -> known.covers(form, fallback))) {
            unknown.add("%s with %s: %s".formatted(form, tap, fallback));
          }
        }
        if (form == AttentionForm.DECOMPOSED) {
          unknown.addAll(cudnn(graph, tap));
        }
      }
    }
    return unknown;
  }

  private static List<AttentionForm> forms(ExportedModel model) {
    return model.config().fusable()
        ? List.of(AttentionForm.DECOMPOSED, AttentionForm.FUSED)
        : List.of(AttentionForm.DECOMPOSED);
  }

  private static List<Fallback> fallbacks(DecoderGraph graph, TapRequest tap) {
    return tapped(graph, tap).map(CudaKernels::fallbacks).orElse(List.of());
  }

  /** A GPU without cuDNN must do for the graphs that run there. */
  private static Set<String> cudnn(DecoderGraph graph, TapRequest tap) {
    return tapped(graph, tap).map(CudaKernels::cudnnOperators).orElse(new TreeSet<>());
  }

  private static Optional<ModelProto> tapped(DecoderGraph graph, TapRequest tap) {
    boolean gives =
        tap.signals().stream().allMatch(signal -> graph.signals().refusal(signal).isEmpty());
    return gives
        ? Optional.of(GraphTap.tap(graph, GraphTap.possible(graph, tap)).model())
        : Optional.empty();
  }

  /** Each signal alone, all at once, and what the presses of the catalogue ask of any pass. */
  private static Set<TapRequest> taps() {
    Set<Signal> every =
        Set.of(
            new Signal.AttentionSums(),
            new Signal.AttentionRows(WINDOW),
            new Signal.AttentionMatrix(),
            new Signal.Queries(WINDOW, false),
            new Signal.Queries(Signal.ALL, true),
            new Signal.HiddenStates());
    Set<TapRequest> taps = new LinkedHashSet<>();
    taps.add(TapRequest.NONE);
    every.forEach(signal -> add(taps, Set.of(signal)));
    add(taps, every);
    PressCatalog catalog = PressCatalog.load();
    for (PressDescriptor press : catalog.descriptors()) {
      for (String form : List.of("%s", "%s(h2o)", "%s(snapkv)")) {
        try {
          add(taps, catalog.make(form.formatted(press.name())).press().needs());
        } catch (PressSpecException e) {
          // Wraps another press, or wraps none: the other forms are tried.
          continue;
        }
      }
    }
    return taps;
  }

  private static void add(Set<TapRequest> taps, Set<Signal> signals) {
    for (boolean last : new boolean[] {false, true}) {
      TapRequest tap = SignalTaps.request(signals, last);
      taps.add(tap);
      taps.add(tap.withLastLogits());
      taps.add(tap.withLastLogits().withoutCacheBias());
    }
  }

  /** A list of exceptions in which something no longer happens would hide that it happens again. */
  @Test
  void everyKnownFallbackStillHappens() throws IOException {
    List<Borne> unseen = new ArrayList<>(BORNE);
    for (Path folder : folders()) {
      ExportedModel model = ExportCache.of(cache).export(folder);
      for (AttentionForm form : forms(model)) {
        DecoderGraph graph = DecoderGraph.read(model.graph(form));
        for (TapRequest tap : List.of(TapRequest.NONE, TapRequest.NONE.withColumnSums())) {
          fallbacks(graph, tap)
              .forEach(found -> unseen.removeIf(known -> known.covers(form, found)));
        }
      }
      if (unseen.isEmpty()) {
        return;
      }
    }
    assertThat(unseen).isEmpty();
  }

  @Test
  void passesOnAGpuLeaveTheFusedGraphAloneWhereItWouldRunOnTheProcessor() throws IOException {
    Path folder = folders().stream().filter(f -> f.endsWith("llama")).findFirst().orElseThrow();
    List<AttentionForm> opened = new ArrayList<>();
    for (boolean gpu : new boolean[] {false, true}) {
      opened.clear();
      try (DecoderModel model =
              DecoderModel.open(folder, DecodeFixtures.oneThread(cache), recording(gpu, opened));
          Context context = model.start(1, Set.of()).allowFused(8)) {
        context.prefill(new int[] {1, 2, 3}, 2);
        context.forward(4);
      }
      assertThat(opened).containsOnly(gpu ? AttentionForm.DECOMPOSED : AttentionForm.FUSED);
      opened.clear();
      try (DecoderModel model =
              DecoderModel.open(folder, DecodeFixtures.oneThread(cache), recording(gpu, opened));
          Context rows = model.start(2, Set.of()).allowFused(8)) {
        rows.prefill(List.of(new int[] {1, 2, 3}, new int[] {4}), 4);
        rows.forward(List.of(new int[] {5}, new int[] {6}));
      }
      assertThat(opened)
          .contains(AttentionForm.DECOMPOSED)
          .doesNotContain(gpu ? AttentionForm.FUSED_BY_HEAD : AttentionForm.FUSED);
      assertThat(opened.contains(AttentionForm.FUSED_BY_HEAD)).isEqualTo(!gpu);
    }
  }

  @Test
  void packedCachesAreRefusedWhereAGpuWouldHandThemToTheProcessor() throws IOException {
    Path folder = folders().stream().filter(f -> f.endsWith("llama")).findFirst().orElseThrow();
    for (boolean gpu : new boolean[] {false, true}) {
      try (DecoderModel model =
          DecoderModel.open(
              folder, DecodeFixtures.oneThread(cache), recording(gpu, new ArrayList<>()))) {
        int size = model.info().headSize();
        assertThat(model.packedRefusal(PackedForm.of(8, size))).isEmpty();
        for (int bits : new int[] {4, 2}) {
          Optional<String> refusal = model.packedRefusal(PackedForm.of(bits, size));
          assertThat(refusal.isPresent()).isEqualTo(gpu);
          refusal.ifPresent(reason -> assertThat(reason).contains("QLinearAdd", "processor"));
        }
      }
    }
  }

  /** Sessions of the processor that say of graphs what those of a GPU would say. */
  private static SessionFactory recording(boolean gpu, List<AttentionForm> opened) {
    SessionFactory real = new OrtSessionFactory(Provider.CPU, 0, 1);
    return new SessionFactory() {
      @Override
      public StepSession open(TappedGraph graph) {
        opened.add(graph.ports().form());
        return real.open(graph);
      }

      @Override
      public List<Fallback> fallbacks(TappedGraph graph) {
        return gpu ? CudaKernels.fallbacks(graph.model()) : List.of();
      }

      @Override
      public String provider() {
        return real.provider();
      }

      @Override
      public String version() {
        return real.version();
      }
    };
  }
}
