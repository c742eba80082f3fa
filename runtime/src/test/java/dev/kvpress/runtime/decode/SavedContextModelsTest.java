package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.ints;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.export.ReferenceFolders;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.ZooGraph;
import dev.kvpress.runtime.saved.SavedContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Saved contexts of every architecture, of batches, and of graphs with half precision caches. */
@Tag("long")
class SavedContextModelsTest {
  private static final List<String> PRESSES =
      List.of("knorm", "adakv(snapkv(window_size=3,kernel_size=3))");

  @TempDir static Path cache;

  static List<Path> folders() throws IOException {
    return ReferenceFolders.all();
  }

  @ParameterizedTest
  @MethodSource("folders")
  void everyArchitectureGoesOnBitForBit(Path folder) {
    JsonNode reference = ReferenceFolders.reference(folder);
    int[] ids = ints(reference.get("input_ids").get(0));
    int[] further = ints(reference.get("call2").get("input_ids").get(0));
    List<int[]> prompts = List.of(ids, Arrays.copyOf(ids, ids.length - 3));
    try (DecoderModel model = DecoderModel.open(folder, DecodeFixtures.oneThread(cache))) {
      for (String spec : PRESSES) {
        ModelPress press = PressCatalog.load().make(spec).press();
        if (model.refusal(press, ids.length + further.length).isPresent()) {
          continue;
        }
        try (Context context = model.start(2, press.needs())) {
          context.prefill(prompts, 6);
          context.compress(press, Budget.ratio(0.4));
          assertGoesOn(model, context, further);
        }
      }
    }
  }

  static List<String> graphs() {
    return ZooGraph.all().stream().map(ZooGraph::name).toList();
  }

  /** Caches in half precision, windows, sinks, states that are no cache: as others write them. */
  @ParameterizedTest
  @MethodSource("graphs")
  void graphsOfOthersGoOnBitForBit(String name) {
    ZooGraph graph = ZooGraph.named(name);
    try (DecoderModel model = DecoderModel.open(graph.path(), DecodeFixtures.oneThread(cache))) {
      List<ModelPress> presses =
          PRESSES.stream().map(spec -> PressCatalog.load().make(spec).press()).toList();
      int positions = graph.prompt().length + graph.next().length;
      ModelPress press =
          presses.stream()
              .filter(one -> model.refusal(one, positions).isEmpty())
              .filter(one -> one.needs().stream().allMatch(s -> model.refusal(s).isEmpty()))
              .findFirst()
              .orElseGet(() -> PressCatalog.load().make("baseline").press());
      try (Context context = model.start(1, press.needs())) {
        context.prefill(graph.prompt(), 16);
        context.compress(press, Budget.ratio(0.5));
        assertGoesOn(model, context, graph.next());
      }
    }
  }

  @Test
  void halfPrecisionIsNotWidened() throws IOException {
    ZooGraph graph = ZooGraph.named("f16");
    try (DecoderModel model = DecoderModel.open(graph.path(), DecodeFixtures.oneThread(cache));
        Context context = model.start(1, Set.of())) {
      assertThat(model.layout(1).type()).isEqualTo(ElementType.FLOAT16);
      context.prefill(graph.prompt(), 16);
      Path file = cache.resolve("half.safetensors");
      context.save(file);
      SavedContext.open(file)
          .parts()
          .layers()
          .forEach(
              layer -> assertThat(layer.tensors().values()).allMatch(t -> t.type().equals("F16")));
    }
  }

  /** Else the test above would say nothing of states. */
  @Test
  void aGraphWithStatesIsAmongThem() {
    assertThat(graphs()).contains("hybrid");
    try (DecoderModel model =
        DecoderModel.open(ZooGraph.named("hybrid").path(), DecodeFixtures.oneThread(cache))) {
      assertThat(model.graph().ports().states()).isNotEmpty();
    }
  }

  private static void assertGoesOn(DecoderModel model, Context context, int[] further) {
    Path file = cache.resolve("context.safetensors");
    context.save(file);
    int rows = rows(context);
    try (Context loaded = model.loadContext(file);
        Context fork = loaded.fork()) {
      for (int id : Arrays.copyOf(further, Math.min(4, further.length))) {
        List<int[]> step = Collections.nCopies(rows, new int[] {id});
        Logits expected = context.forward(step);
        assertThat(DecodeFixtures.rows(loaded.forward(step)))
            .isDeepEqualTo(DecodeFixtures.rows(expected));
        assertThat(DecodeFixtures.rows(fork.forward(step)))
            .isDeepEqualTo(DecodeFixtures.rows(expected));
      }
      assertThat(DecodeFixtures.positions(loaded, model, rows))
          .isEqualTo(DecodeFixtures.positions(context, model, rows));
    }
  }

  private static int rows(Context context) {
    return context.layers().get(0).ledger().batch();
  }
}
