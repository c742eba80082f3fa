package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.testdata.Shared;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The main job end to end on trained weights, against figures of an independent calculation. */
@Tag(TestProvider.TAG)
class StoriesParityTest {
  private static final int CONTEXT = 384;
  private static final Map<String, String> SPECS =
      Map.of(
          "observed_attention", "observed_attention",
          "h2o", "h2o(local_window_size=64)",
          "streaming_llm", "streaming_llm(n_sink=4)",
          "snapkv", "snapkv(window_size=64,kernel_size=5)");

  @TempDir Path cacheDir;

  @ParameterizedTest
  @ValueSource(ints = {64, 256, 384})
  void continuationAfterCompressionHasTheReferenceLikelihood(int chunk) throws Exception {
    Optional<Path> model = Shared.find("models/stories260K");
    Optional<Path> reference = Shared.find("reference/stories260K-parity.json");
    assumeTrue(model.isPresent() && reference.isPresent(), "shared test data is absent");
    JsonNode parity = new ObjectMapper().readTree(reference.get().toFile());
    PressCatalog catalog = PressCatalog.load();
    List<Set<Signal>> needs = new ArrayList<>();
    for (String spec : SPECS.values()) {
      needs.add(catalog.make(spec).press().needs());
    }
    try (DecoderModel decoder =
        DecoderModel.open(model.get(), DecodeFixtures.allThreads(cacheDir))) {
      for (JsonNode sample : parity.get("samples")) {
        int[] ids = new int[sample.get("ids").size()];
        Arrays.setAll(ids, i -> sample.get("ids").get(i).asInt());
        try (Context prefilled = decoder.start(1, Signal.union(needs))) {
          Logits last = prefilled.prefill(Arrays.copyOf(ids, CONTEXT), chunk);
          sample
              .get("nll")
              .fields()
              .forEachRemaining(
                  method -> {
                    NamedPress press = catalog.make(SPECS.get(method.getKey()));
                    method
                        .getValue()
                        .fields()
                        .forEachRemaining(
                            ratio ->
                                check(
                                    prefilled,
                                    last,
                                    press,
                                    Double.parseDouble(ratio.getKey()),
                                    ids,
                                    ratio.getValue()));
                  });
        }
      }
    }
  }

  private static void check(
      Context prefilled, Logits last, NamedPress press, double ratio, int[] ids, JsonNode want) {
    try (Context fork = prefilled.fork().stopObserving()) {
      fork.compress(press.press(), Budget.ratio(ratio));
      Logits logits = fork.forward(Arrays.copyOfRange(ids, CONTEXT, ids.length - 1));
      double sum = 0;
      for (int i = CONTEXT + 1; i < ids.length; i++) {
        sum += logits.negativeLogLikelihood(i - CONTEXT - 1, ids[i]);
      }
      int n = ids.length - CONTEXT;
      String what = press.spec() + " at " + ratio;
      assertThat(sum / (n - 1)).as(what).isCloseTo(want.get("nll127").asDouble(), within(1e-4));
      double all = (sum + last.negativeLogLikelihood(0, ids[CONTEXT])) / n;
      assertThat(all).as(what).isCloseTo(want.get("nll128").asDouble(), within(1e-4));
    }
  }
}
