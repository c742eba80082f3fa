package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.graph.ZooGraph;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Llama as we export it and as others do: whoever exported it, a press costs the same. */
@Tag(TestProvider.TAG)
class SameModelFourWaysTest {
  @TempDir static Path cache;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h2o(local_window_size=4)",
        "snapkv(window_size=4,kernel_size=3)",
        "knorm",
        "streaming_llm",
        "adakv(snapkv(window_size=4,kernel_size=3))"
      })
  void aPressCostsTheSame(String spec) {
    double ours = nll(ZooGraph.FOLDER.resolve("llama"), spec);
    assertThat(ours).isCloseTo(ZooGraph.named("optimum").nll(spec), within(1e-3));
    assertThat(nll(ZooGraph.named("torchscript-eager").path(), spec)).isCloseTo(ours, within(1e-3));
    assertThat(nll(ZooGraph.named("dynamo-sdpa").path(), spec)).isCloseTo(ours, within(1e-3));
    assertThat(nll(ZooGraph.named("gqa-rotary").path(), spec)).isCloseTo(ours, within(1e-3));
    assertThat(nll(ZooGraph.named("f16").path(), spec)).isCloseTo(ours, within(2e-2));
  }

  private static double nll(Path path, String spec) {
    ZooGraph text = ZooGraph.named("optimum");
    ModelPress press = PressCatalog.load().make(spec).press();
    int[] next = text.next();
    try (DecoderModel model = DecoderModel.open(path, DecodeFixtures.oneThread(cache));
        Context context = model.start(1, press.needs())) {
      context.prefill(text.prompt(), 16);
      context.compress(press, Budget.ratio(0.5));
      Logits logits = context.forward(Arrays.copyOf(next, next.length - 1));
      double sum = 0;
      for (int q = 0; q < logits.rows(); q++) {
        sum += logits.negativeLogLikelihood(q, next[q + 1]);
      }
      return sum / logits.rows();
    }
  }
}
