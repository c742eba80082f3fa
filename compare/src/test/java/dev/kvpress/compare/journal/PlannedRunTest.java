package dev.kvpress.compare.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.WholeFile;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.run.Outcomes;
import dev.kvpress.compare.run.Work;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.RunPlan;
import dev.kvpress.compare.run.plan.Shard;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlannedRunTest {
  @TempDir Path folder;

  @BeforeEach
  void writeAPlanOfTwoSamples() {
    RunPlan plan =
        new RunPlan(
            Map.of("model", "a"),
            "common",
            Shard.WHOLE,
            false,
            2,
            null,
            null,
            List.of(),
            List.of(Outcomes.PERPLEXITY));
    PlanFiles.write(
        folder,
        plan,
        IntStream.range(0, 2)
            .mapToObj(
                i ->
                    new Work.Described(
                        new PlannedSample(0, i, i, "content " + i, 3, null),
                        new PlannedSample.Texts(null, null, null))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "null",
        "[]",
        "7",
        "{\"sample\":null}",
        "{\"sample\":{}}",
        "{\"sample\":{\"task\":0,\"sample\":1,\"context\":1,\"content\":null,\"context_tokens\":3},\"texts\":{}}",
        "{\"sample\":{\"task\":0,\"sample\":1,\"context\":1,\"content\":\"c\",\"context_tokens\":3}}",
        "{\"sample\":{\"task\":9,\"sample\":1,\"context\":1,\"content\":\"c\",\"context_tokens\":3},\"texts\":{}}",
        "{\"sample\"",
        "",
      })
  void aLineThatIsNoSampleIsNamed(String line) throws Exception {
    Path file = folder.resolve(PlanFiles.SAMPLES);
    Files.writeString(file, Files.readAllLines(file).get(0) + "\n" + line + "\n");
    assertThatThrownBy(() -> PlannedRun.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("contexts.jsonl: line 2: ")
        .hasMessageEndingWith("; the same command writes it anew")
        .extracting(Throwable::getMessage)
        .asString()
        .doesNotContain("Cannot", "instance", "Deserialization", "byte");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | found broken JSON in line 1; the same",
        "{\"schema_version\":2} | found none in it; the same",
        "{\"schema_version\":2,\"plan\":null} | found none in it; the same",
        "{\"schema_version\":2,\"plan\":7} | found another value than compare writes at plan; the"
            + " same",
        "{\"schema_version\":2,\"plan\":{\"cells\":7}} | at plan.cells; the same",
        "{\"schema_version\":2,\"plan\":{\"cells\":[7]}} | at plan.cells[0]; the same",
        "null | found none; use the version",
        "'' | found none; use the version",
      })
  void aPlanThatIsNoneIsNamed(String text, String message) throws Exception {
    Files.writeString(folder.resolve(PlanFiles.PLAN), text);
    assertThatThrownBy(() -> PlannedRun.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("plan.json: ")
        .hasMessageContaining(message)
        .extracting(Throwable::getMessage)
        .asString()
        .doesNotContain("Cannot", "instance", "Deserialization");
  }

  @Test
  void samplesThatAreNotThereAreSaidToBeSo() throws Exception {
    Files.delete(folder.resolve(PlanFiles.SAMPLES));
    assertThatThrownBy(() -> PlannedRun.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith(
            "contexts.jsonl: expected the samples of the plan beside it, found nothing; the same"
                + " command writes it anew");
  }

  @Test
  void aPlanThatCannotBeReadSaysWhy() throws Exception {
    Files.delete(folder.resolve(PlanFiles.PLAN));
    Files.createSymbolicLink(folder.resolve(PlanFiles.PLAN), Path.of(PlanFiles.PLAN));
    assertThatThrownBy(() -> PlannedRun.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("plan.json: cannot be read: ")
        .hasMessageContaining("symbolic links");
  }

  @Test
  void aFileThatCannotBeWrittenIsNamedWithoutItsTemporaryName() throws Exception {
    Path file = folder.resolve("file");
    Files.createDirectories(file.resolve("in the way"));
    assertThatThrownBy(() -> WholeFile.write(file, writer -> writer.write("a")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("cannot write " + file);
    assertThat(Files.list(folder).filter(p -> p.toString().contains(".kvpress-"))).isEmpty();
  }
}
