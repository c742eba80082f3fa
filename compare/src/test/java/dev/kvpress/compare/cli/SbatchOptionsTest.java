package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.Problems;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SbatchOptionsTest {
  private final Problems problems = new Problems();

  @Test
  void whatTheScriptsLeaveOpenIsTaken() {
    List<String> options =
        List.of(
            "qos=long",
            "--gres=gpu:a100:1",
            "exclusive",
            "mem-per-cpu=2G",
            "comment=a b",
            "time-min=10",
            "gpus-per-node=1",
            "wait-all-nodes=1");

    assertThat(SbatchOptions.read(options, false, problems))
        .containsExactly(
            "qos=long",
            "gres=gpu:a100:1",
            "exclusive",
            "mem-per-cpu=2G",
            "comment=a b",
            "time-min=10",
            "gpus-per-node=1",
            "wait-all-nodes=1");
    assertThat(problems.lines()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "array=1-5",
        "--array=1-5",
        "output=x",
        "error=x",
        "open-mode=truncate",
        "dependency=afterok:1",
        "kill-on-invalid-dep=no",
        "wrap=ls",
        "parsable",
        "test-only",
        "help",
        "usage",
        "version",
        "wait",
        "chdir=/",
        "workdir=/",
        "export=NONE",
        "export-file=x",
        "requeue",
        "no-requeue"
      })
  void whatTheScriptsSayThemselvesIsRefusedByName(String option) {
    String name = option.replaceFirst("^--", "").replaceFirst("=.*", "");

    assertThat(SbatchOptions.read(List.of(option), false, problems)).isEmpty();
    assertThat(problems.lines())
        .singleElement()
        .asString()
        .startsWith("--sbatch %s: cannot be given this way; ".formatted(name));
  }

  @ParameterizedTest
  @CsvSource({
    "array, --array",
    "job-name, --job-name",
    "time, --time",
    "mem, --memory",
    "mem-per-gpu, --memory",
    "cpus-per-task, --cpus",
    "cpus-per-gpu, --cpus",
    "gpus, --gpus",
    "partition, --partition",
    "account, --account"
  })
  void whatHasAnOptionOfItsOwnIsToldOfIt(String name, String option) {
    assertThat(SbatchOptions.read(List.of(name + "=1"), false, problems)).isEmpty();
    assertThat(problems.lines()).singleElement().asString().contains("; ", "give " + option + " ");
  }

  @ParameterizedTest
  @CsvSource({
    "p=main, --sbatch p: expected a whole name; give --partition NAME",
    "-q=long, --sbatch q: expected a whole name; give qos",
    "arr=1-5, '--sbatch arr: expected a whole name, found the beginning of array'",
    "no-req, '--sbatch no-req: expected a whole name, found the beginning of no-requeue'",
    "Z=1, '--sbatch: expected an option of sbatch, for instance qos=long, found ''Z=1'''",
    "Qos=1, '--sbatch: expected an option of sbatch, for instance qos=long, found ''Qos=1'''"
  })
  void namesAreWrittenOut(String option, String message) {
    assertThat(SbatchOptions.read(List.of(option), false, problems)).isEmpty();
    assertThat(problems.lines()).singleElement().asString().startsWith(message);
  }

  @Test
  void sbatchWouldHeedTheLastOfTwo() {
    SbatchOptions.read(List.of("qos=a", "qos=b"), false, problems);
    SbatchOptions.read(List.of("mem-per-cpu=1G"), true, problems);

    assertThat(problems.lines())
        .containsExactly(
            "--sbatch qos: expected once, found several times; sbatch would heed the last alone",
            "--sbatch mem-per-cpu: expected one of it and --memory, found both; leave one out");
  }
}
