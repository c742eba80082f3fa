package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.floats;
import static dev.kvpress.runtime.decode.DecodeFixtures.ints;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.decode.DecodeFixtures.Keep;
import dev.kvpress.runtime.export.TestProvider;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Contexts against numbers of the original modelling code, tolerance 2e-4 · (1 + |reference|). */
@Tag(TestProvider.TAG)
class ReferenceDecodingTest {
  private static final String MODEL = "hf-tiny/llama-gqa";

  @TempDir static Path cache;

  @ParameterizedTest
  @CsvSource({"24,false", "5,false", "24,true", "7,true"})
  void prefillAndContinuationsAgree(int chunk, boolean fused) {
    JsonNode reference = DecodeFixtures.json("models/" + MODEL + "/reference.json");
    int[] prompt = ints(reference.get("input_ids").get(0));
    try (DecoderModel model = DecodeFixtures.open(MODEL, cache);
        Context context = model.start(1, Set.of())) {
      if (fused) {
        context.allowFused(0);
      }
      Logits last = context.prefill(prompt, chunk);
      assertClose(last, 0, floats(reference.get("logits").get(0).get(23)), 2e-4);
      assertContinues(context, reference.get("call2"));

      JsonNode pruned = reference.get("call2_pruned");
      int[] kept = ints(pruned.get("kept"));
      try (Context fork = context.fork()) {
        fork.compress(Keep.ofLayers(1, model.info().kvHeads(), kept, kept), Budget.FULL);
        assertThat(fork.positions(0, 0, 0)).containsExactly(kept);
        assertContinues(fork, pruned);
      }
      JsonNode byLayer = reference.get("call2_pruned_by_layer");
      int[] first = ints(byLayer.get("kept").get(0));
      int[] second = ints(byLayer.get("kept").get(1));
      try (Context fork = context.fork()) {
        fork.compress(Keep.ofLayers(1, model.info().kvHeads(), first, second), Budget.FULL);
        assertThat(fork.positions(1, 0, 0)).containsExactly(second);
        assertContinues(fork, byLayer);
      }
      assertContinues(context, reference.get("call2"));
    }
  }

  private static void assertContinues(Context context, JsonNode call) {
    int[] ids = ints(call.get("input_ids").get(0));
    assertThat(context.nextPosition(0)).isEqualTo(call.get("position_ids").get(0).get(0).asInt());
    try (Context fork = context.fork()) {
      Logits logits = fork.forward(ids);
      for (int q = 0; q < ids.length; q++) {
        assertClose(logits, q, floats(call.get("logits").get(0).get(q)), 2e-4);
      }
      assertThat(fork.nextPosition(0)).isEqualTo(context.nextPosition(0) + ids.length);
    }
  }
}
