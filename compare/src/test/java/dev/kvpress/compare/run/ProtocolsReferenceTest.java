package dev.kvpress.compare.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.io.Resources;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.shape.catalog.DataSource;
import dev.kvpress.compare.task.PerplexityTask;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.compare.task.TaskOptions;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.testdata.Shared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both protocols against an independent calculation in float64. */
class ProtocolsReferenceTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir Path cacheDir;

  @Test
  void protocolsGiveTheReferenceLikelihoods() throws Exception {
    Optional<Path> model = Shared.find("models/stories260K");
    Optional<Path> parity = Shared.find("reference/stories260K-parity.json");
    assumeTrue(model.isPresent() && parity.isPresent(), "shared test data is absent");
    ObjectMapper json = new ObjectMapper();
    JsonNode ids = json.readTree(parity.get().toFile()).at("/samples/0/ids");
    Path data = cacheDir.resolve("sample.jsonl");
    Files.writeString(data, "{\"token_ids\": " + ids + ", \"context_tokens\": 384}\n");
    JsonNode cases =
        json.readTree(Resources.getResource("reference/stories260K-protocols.json")).get("cases");
    PressCatalog catalog = PressCatalog.load();
    try (DecoderModel decoder = DecoderModel.open(model.get(), DecoderOptions.cpu(cacheDir))) {
      int checked = 0;
      for (JsonNode want : cases) {
        String spec = want.get("spec").asText();
        List<CellPlan.Method> methods = new ArrayList<>();
        methods.add(new CellPlan.Method("baseline", catalog.make("baseline")));
        if (!spec.equals("baseline")) {
          methods.add(new CellPlan.Method(spec, catalog.make(spec)));
        }
        JsonNode ratio = want.get("compression_ratio");
        List<CellPlan> plans =
            CellPlan.of(methods, ratio.isNull() ? List.of() : List.of(ratio.asDouble()), List.of());
        boolean streaming = want.get("protocol").asText().equals("streaming");
        List<CellOutcome> cells =
            streaming
                ? run(decoder, data, plans, Protocol.STREAMING, 1)
                : run(decoder, data, plans, Protocol.PREFILL, 256);
        CellOutcome cell = cells.get(cells.size() - 1);
        String what = want.get("protocol").asText() + " " + cell.cell().describe();
        assertThat(cell.error()).as(what).isEmpty();
        assertThat(cell.mean(PerplexityTask.NLL).getAsDouble())
            .as(what)
            .isCloseTo(want.get("nll").asDouble(), within(TOLERANCE));
        assertThat(cell.mean(PerplexityTask.NLL_COMPRESSED).getAsDouble())
            .as(what)
            .isCloseTo(want.get("nll_compressed").asDouble(), within(TOLERANCE));
        if (!want.get("achieved_ratio").isNull()) {
          assertThat(cell.samples().get(0).cache().achievedRatio())
              .as(what)
              .isCloseTo(want.get("achieved_ratio").asDouble(), within(1e-6));
        }
        checked++;
      }
      assertThat(checked).isEqualTo(cases.size()).isGreaterThan(10);
    }
  }

  private List<CellOutcome> run(
      DecoderModel decoder, Path data, List<CellPlan> plans, Protocol protocol, int chunk) {
    RunSettings settings =
        new RunSettings(
            data,
            List.of(new TaskFile(new PerplexityTask(), DataSource.of(data, "perplexity"))),
            DecoderOptions.cpu(cacheDir),
            protocol,
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.of(chunk),
            TaskOptions.DEFAULT);
    Comparison comparison = new Comparison(settings, plans, Progress.SILENT);
    return MemoryLog.cells(
        comparison.work(
            decoder,
            Optional.empty(),
            comparison.prepare(decoder, Optional.empty()),
            "",
            Shard.WHOLE));
  }
}
