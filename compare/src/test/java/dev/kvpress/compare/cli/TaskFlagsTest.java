package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.ruler.RulerTask;
import dev.kvpress.compare.ruler.RulerWording;
import dev.kvpress.compare.task.TaskOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskFlagsTest {
  @TempDir Path folder;

  private final Problems problems = new Problems();
  private final TaskFlags flags = new TaskFlags();

  private TaskOptions options() {
    return flags.options(problems, Optional.empty(), true, OptionalInt.of(7), 3, false);
  }

  @Test
  void withoutAFlagTasksHaveTheirDefaults() {
    assertThat(options()).isEqualTo(new TaskOptions(true, OptionalInt.of(7), 3));
    assertThat(problems.lines()).isEmpty();
  }

  @Test
  void flagsReachTheTasks() throws Exception {
    Path training = Files.writeString(folder.resolve("train.jsonl"), "{}");
    flags.shots = "2";
    flags.shotsFrom = training.toString();
    flags.rulerLengths = List.of("512,1024", "512");
    flags.rulerTypes = List.of("vt", "niah_multikey_2");
    flags.rulerWording = "village";
    flags.rulerQuestions = training.toString();
    flags.repetitions = "5";
    flags.warmUp = "0";
    flags.batchSizes = List.of("8", "1,2");
    flags.cacheBudget = "512m";
    TaskOptions options = options();
    assertThat(problems.lines()).isEmpty();
    assertThat(options.shots().count()).isEqualTo(2);
    assertThat(options.shots().training()).hasValue(training);
    assertThat(options.ruler().lengths()).containsExactly(512, 1024);
    assertThat(options.ruler().types()).containsExactly(RulerTask.VT, RulerTask.NIAH_MULTIKEY_2);
    assertThat(options.ruler().wording()).isEqualTo(RulerWording.VILLAGE);
    assertThat(options.ruler().questions()).hasValue(training);
    assertThat(options.latency()).isEqualTo(new TaskOptions.Latency(0, 5));
    assertThat(options.throughput())
        .isEqualTo(new TaskOptions.Throughput(List.of(1, 2, 8), OptionalLong.of(512L << 20)));
  }

  @Test
  void saysEverythingThatIsWrongAtOnce() {
    flags.shots = "2";
    flags.rulerLengths = List.of("long");
    flags.rulerTypes = List.of("niah_single");
    flags.rulerWording = "latin";
    flags.rulerQuestions = "absent.jsonl";
    flags.repetitions = "0";
    options();
    assertThat(problems.lines())
        .hasSize(6)
        .anyMatch(line -> line.startsWith("--shots: expected a file of solved examples too"))
        .anyMatch(line -> line.startsWith("--ruler-length: expected a whole number"))
        .anyMatch(
            line -> line.startsWith("--ruler-type: unknown value 'niah_single', did you mean"))
        .anyMatch(line -> line.startsWith("--ruler-wording: unknown value 'latin'"))
        .anyMatch(line -> line.startsWith("--ruler-questions: expected a file of questions"))
        .anyMatch(line -> line.startsWith("--repetitions: expected a whole number of at least 1"));
  }
}
