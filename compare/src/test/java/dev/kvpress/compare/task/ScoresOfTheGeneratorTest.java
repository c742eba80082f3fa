package dev.kvpress.compare.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.run.Comparison;
import dev.kvpress.compare.run.MemoryLog;
import dev.kvpress.compare.run.Progress;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.TaskFile;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.shape.catalog.DataSource;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.generate.Compression;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.GeneratorOptions;
import dev.kvpress.runtime.generate.ModelWords;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.generate.ScoreRequest;
import dev.kvpress.runtime.generate.TokenScore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The generator's scores are the figures of the task {@code perplexity}, in both protocols. */
class ScoresOfTheGeneratorTest {
  private static final Path MODEL =
      Path.of(System.getProperty("kvpress.root"), "test-data", "models", "demo");
  private static final double RATIO = 0.5;
  private static final int CONTEXT = 60;
  private static final int TOKENS = 120;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "baseline | PREFILL",
        "snapkv(window_size=16) | PREFILL",
        "knorm | PREFILL",
        "knorm | STREAMING",
        "h2o(local_window_size=8) | STREAMING"
      })
  void areTheFiguresOfTheTask(String spec, Protocol protocol) throws Exception {
    try (DecoderModel model = DecoderModel.open(MODEL, DecoderOptions.cpu(folder));
        Generator generator =
            Generator.over(
                model, ModelWords.beside(MODEL), GeneratorOptions.DEFAULT.withChunkSize(32))) {
      String text = Files.readString(DemoModel.data("stories.jsonl")).substring(9, 900);
      ImmutableIntArray ids = generator.tokens(new Prompt.Text(text)).subArray(0, TOKENS);
      ModelPress press = PressCatalog.load().make(spec).press();
      Compression how =
          new Compression(press, press.keepsAll() ? Budget.FULL : Budget.ratio(RATIO));
      ScoreRequest request = ScoreRequest.of(new Prompt.Tokens(ids.trimmed())).compressedBy(how);
      boolean streams = protocol == Protocol.STREAMING;
      List<TokenScore> scores =
          generator.score(streams ? request : request.behindContextOf(CONTEXT)).tokens();
      CellOutcome cell = perplexity(model, spec, protocol, ids);
      assertThat(cell.error()).isEmpty();
      // What the cut cache has predicted: in a prefill, the context's last token has not.
      int from = streams ? CONTEXT : CONTEXT + 1;
      assertThat(meanNll(scores, from))
          .isCloseTo(cell.mean(PerplexityTask.NLL_COMPRESSED).getAsDouble(), within(1e-4));
      assertThat(meanNll(scores, streams ? 1 : CONTEXT))
          .isCloseTo(cell.mean(PerplexityTask.NLL).getAsDouble(), within(1e-4));
    }
  }

  private static double meanNll(List<TokenScore> scores, int from) {
    return -scores.subList(from, scores.size()).stream()
        .mapToDouble(TokenScore::logProbability)
        .average()
        .orElseThrow();
  }

  private CellOutcome perplexity(
      DecoderModel model, String spec, Protocol protocol, ImmutableIntArray ids) throws Exception {
    Path data =
        Files.writeString(
            folder.resolve("ids.jsonl"),
            "{\"token_ids\": %s, \"context_tokens\": %d}"
                .formatted(Ints.asList(ids.toArray()), CONTEXT));
    RunSettings settings =
        new RunSettings(
            MODEL,
            List.of(new TaskFile(new PerplexityTask(), DataSource.of(data, "perplexity"))),
            DecoderOptions.cpu(folder),
            protocol,
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.of(protocol == Protocol.STREAMING ? 1 : 32),
            TaskOptions.DEFAULT);
    CellPlan.Method method = new CellPlan.Method(spec, PressCatalog.load().make(spec));
    List<CellPlan> cells = CellPlan.of(List.of(method), List.of(RATIO), List.of());
    Comparison comparison = new Comparison(settings, cells, Progress.SILENT);
    List<CellOutcome> outcomes =
        MemoryLog.cells(
            comparison.work(
                model,
                Optional.empty(),
                comparison.prepare(model, Optional.empty()),
                "",
                Shard.WHOLE));
    return outcomes.get(outcomes.size() - 1);
  }
}
