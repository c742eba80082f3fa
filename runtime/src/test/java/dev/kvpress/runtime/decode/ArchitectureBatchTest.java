package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.ints;
import static dev.kvpress.runtime.decode.DecodeFixtures.row;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.export.ReferenceFolders;
import dev.kvpress.runtime.export.TestProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Prompts of different lengths in one batch of every architecture, as if each were alone. */
@Tag("long")
@Tag(TestProvider.TAG)
class ArchitectureBatchTest {
  private static final List<String> PRESSES =
      List.of("h2o(local_window_size=2)", "adakv(snapkv(window_size=3,kernel_size=3))", "knorm");
  private static final int CHUNK = 6;

  @TempDir static Path cache;

  static List<Path> folders() throws IOException {
    return ReferenceFolders.all();
  }

  @ParameterizedTest
  @MethodSource("folders")
  void eachRowEqualsItsOwnRun(Path folder) {
    JsonNode reference = ReferenceFolders.reference(folder);
    int[] ids = ints(reference.get("input_ids").get(0));
    int[] further = ints(reference.get("call2").get("input_ids").get(0));
    List<int[]> prompts =
        List.of(Arrays.copyOf(ids, 5), ids, Arrays.copyOfRange(ids, 2, ids.length - 1));
    List<int[]> next =
        List.of(
            Arrays.copyOf(further, 3),
            Arrays.copyOfRange(further, 1, 4),
            new int[] {ids[0], further[3], ids[1]});
    List<ModelPress> presses =
        PRESSES.stream().map(spec -> PressCatalog.load().make(spec).press()).toList();
    Set<Signal> signals = Signal.union(presses.stream().map(ModelPress::needs).toList());
    try (DecoderModel model = DecoderModel.open(folder, DecodeFixtures.oneThread(cache));
        Context batch = model.start(prompts.size(), signals)) {
      Logits last = batch.prefill(prompts, CHUNK);
      for (int b = 0; b < prompts.size(); b++) {
        try (Context single = model.start(1, signals)) {
          assertClose(last, b, row(single.prefill(prompts.get(b), CHUNK), 0), 1e-4);
          for (ModelPress press : presses) {
            try (Context together = batch.fork();
                Context alone = single.fork()) {
              assertSameEnd(model, press, together, b, alone, next);
            }
          }
        }
      }
    }
  }

  private static void assertSameEnd(
      DecoderModel model,
      ModelPress press,
      Context together,
      int b,
      Context alone,
      List<int[]> next) {
    together.compress(press, Budget.ratio(0.5));
    alone.compress(press, Budget.ratio(0.5));
    Logits batched = together.stopObserving().forward(next);
    Logits own = alone.stopObserving().forward(next.get(b));
    assertThat(together.nextPosition(b)).isEqualTo(alone.nextPosition(0));
    for (int q = 0; q < own.rows(); q++) {
      assertClose(batched, b * own.rows() + q, row(own, q), 1e-4);
    }
    for (int l = 0; l < model.info().layers(); l++) {
      for (int g = 0; g < model.info().kvHeads(); g++) {
        assertThat(together.positions(l, b, g)).containsExactly(alone.positions(l, 0, g));
      }
    }
  }
}
