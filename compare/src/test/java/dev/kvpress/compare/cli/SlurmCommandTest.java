package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.UsageException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class SlurmCommandTest extends AtHome {
  private static final List<String> COMPARISON =
      List.of("--methods", "h2o", "baseline", "--compression-ratio", "0.6");

  @TempDir Path folder;

  private Run slurm(String... arguments) {
    List<String> all = new ArrayList<>(List.of("slurm", "--output", output().toString()));
    all.addAll(Arrays.asList(arguments));
    return Run.of(all.toArray(new String[0]));
  }

  private Path output() {
    return folder.resolve("out");
  }

  private String script() throws Exception {
    return Files.readString(output().resolve("slurm/compare.sh"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-- --methods baseline | --array: expected a number of shards, found nothing",
        "--array 0 -- --methods baseline | --array: expected a number of shards of at least 1,"
            + " where wanted with %K behind it for K at once at most, for instance 16 or 16%4,"
            + " found '0'",
        "--array 3 --time soon -- --methods baseline | --time: expected a limit as SLURM takes it",
        "--array 3 --memory 16 -- --methods baseline | --memory: expected a size with K, M, G or T"
            + " behind it, from 256M to 1024T, for instance 32G, found '16'",
        "--array 3 --memory 1K -- --methods baseline | --memory: expected a size with K, M, G or T"
            + " behind it, from 256M to 1024T, for instance 32G, found '1K'",
        "--array 3 --time 99:99:99 -- --methods baseline | --time: expected a limit as SLURM takes"
            + " it",
        "--array 3 --cpus 70000 -- --methods baseline | --cpus: expected at most 65533, as SLURM"
            + " counts them, found 70000",
        "--array 3 --sbatch array=1-5 -- --methods baseline | --sbatch array: cannot be given this"
            + " way; give --array N",
        "--array 3 --memory 2G --sbatch mem-per-cpu=1G -- --methods baseline | --sbatch"
            + " mem-per-cpu: expected one of it and --memory, found both",
        "--array 3 --methods h2o | --methods: is an option of the comparison, which stands behind"
            + " --; give compare slurm … -- --methods …",
        "--array 3 --methods h2o baseline | --methods: is an option of the comparison, which stands"
            + " behind --",
        "--array 3 --model x -- --methods h2 | --model: is an option of the comparison, which"
            + " stands behind --",
        "--array 3 --aray 2 -- --methods baseline | unknown option '--aray', did you mean"
            + " '--array'?",
        "--array 3 -- -- --methods h2o | behind --, --: expected options alone, found a lone --,"
            + " behind which none are read; leave it out",
        "--array 3 --cpus 8 -- --methods baseline --threads 1000 | behind --, --threads: expected"
            + " at most 8, as --cpus 8 before -- asks for, found 1000; give fewer, or raise --cpus",
        "--array 3 --cpus 4 -- --methods baseline --workers 8 | behind --, --workers: expected at"
            + " most 4, as --cpus before -- asks for, found 8; give fewer, or raise --cpus",
        "--array 3 --cpus 8 -- --methods baseline --workers 4 --threads 3 | behind --, --threads:"
            + " expected at most 2 in each of 4 workers, as --cpus 8 before -- asks for, found 3",
        "--array 3 --gpus a100:2 -- --methods baseline --num-gpus 4 | behind --, --num-gpus:"
            + " expected at most 2, as --gpus before -- asks for, found 4",
        "--array 3 -- --methods baseline --workers 2 --num-gpus 2 | behind --, --workers and --num-gpus: expected one of them",
        "--array 3 -- --methods baseline --workers 2 --provider cuda | behind --, --workers: expected the provider cpu with it, found cuda",
        "--array 3 -- --methods baseline --workers 0 | behind --, --workers: expected a whole"
            + " number of at least 1, found '0'",
        "--array 3 --cpus 0 -- --methods baseline | --cpus: expected a whole number of at least 1,"
            + " found '0'",
        "--array 3 --gpus all -- --methods baseline | --gpus: expected a number of GPUs, or"
            + " TYPE:NUMBER, for instance 1 or a100:2, found 'all'",
        "--array 3 --sbatch Qos -- --methods baseline | --sbatch: expected an option of sbatch, for"
            + " instance qos=long, found 'Qos'",
        "--array 3 --program /no/where -- --methods baseline | --program: expected the program that"
            + " runs compare on the cluster, but /no/where does not exist",
        "--array 3 | --: expected the options of the comparison behind it, found nothing",
        "--array 3 -- --methods h2 --budget 9 | behind --, --methods: unknown press 'h2', did you"
            + " mean 'h2o'?",
        "--array 3 -- --methods h2o | behind --, --compression-ratio: expected a ratio (or"
            + " --budget)",
        "--array 3 -- --methods baseline --max-sample 3 | behind --, unknown option '--max-sample',"
            + " did you mean '--max-samples'?",
        "--array 3 -- --methods baseline --model /no/model | behind --, --model: expected a model"
            + " folder",
        "--array 3 -- --methods baseline --output x | behind --, --output: jobs have folders of"
            + " their own; give it before --",
        "--array 3 -- --methods baseline --shard 1/3 | behind --, --shard: each job of the array"
            + " has its own; leave it out",
        "--array 3 -- --methods baseline --fresh | behind --, --fresh: a job that is started again"
            + " would start over",
        "--array 3 -- --methods baseline --dry-run | behind --, --dry-run: jobs are to run",
        "--array 3 -- --methods baseline --fail-if delta_nll>1 | behind --, --fail-if: each shard"
            + " would be judged alone",
        "--array 3 -- --methods baseline --help | behind --, --help: it asks for nothing to be run",
        "--array 3 -- generate --prompt x | behind --, expected options of a comparison, found the"
            + " command 'generate'",
        "--array 3 -- --config /no/file | behind --, --config: expected a YAML or JSON file of"
            + " options, but /no/file does not exist"
      })
  void saysWhatIsWrongInOneLineAndWritesNothing(String arguments, String message) {
    Run run = slurm(arguments.split(" "));

    assertThat(run.err()).startsWith("compare: " + message);
    assertThat(run.errors()).hasSize(1);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(output()).doesNotExist();
  }

  @Test
  void saysEverythingAtOnce() {
    Run run = slurm("--array", "x", "--cpus", "y", "--", "--methods", "h2", "--output", "z");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).hasSize(4);
  }

  /** Figures follow the engine's threads, so that all jobs must have the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--cpus 8 | | 8",
        "--cpus 8 | --threads 4 | 4",
        "--cpus 8 | --workers 2 | 4",
        "--cpus 3 | --workers 2 | 1",
        "--cpus 8 --gpus a100:4 | --num-gpus -1 | 2",
        "--cpus 8 | --num-gpus 2 | 4",
        "--gpus 2 | --num-gpus -1 | 1"
      })
  void scriptsSayHowManyThreadsAllJobsHave(String asked, @Nullable String given, String threads)
      throws Exception {
    List<String> words = new ArrayList<>(List.of("--array", "3"));
    words.addAll(List.of(asked.split(" ")));
    words.addAll(List.of("--", "--methods", "baseline"));
    words.addAll(given == null ? List.of() : List.of(given.split(" ")));

    Run run = slurm(words.toArray(new String[0]));

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(script().lines().filter(line -> line.startsWith("  --threads ")))
        .containsExactly("  --threads " + threads);
  }

  @Test
  void saysSoWhereAWholeNodeWouldRunOneThread() {
    String[] node = {"--array", "3", "--sbatch", "exclusive", "--", "--methods", "baseline"};
    assertThat(slurm(node).err()).contains("but each engine gets one thread");
    List<String> more = new ArrayList<>(Arrays.asList(node));
    more.addAll(List.of("--threads", "8"));
    assertThat(slurm(more.toArray(new String[0])).err()).doesNotContain("one thread");
  }

  @Test
  void writesScriptsAndSaysHowToSubmitThem() throws Exception {
    Run run =
        slurm(
            "--array",
            "3",
            "--",
            "--methods",
            "h2o",
            "--compression_ratio",
            "0.5",
            "--max-samples",
            "2");

    assertThat(run.code()).isZero();
    assertThat(run.out().lines())
        .containsExactly(
            output() + "/slurm/compare-export.sh",
            output() + "/slurm/compare.sh",
            output() + "/slurm/compare-merge.sh",
            output() + "/slurm/compare-submit.sh",
            "submit with: bash " + output() + "/slurm/compare-submit.sh");
    assertThat(script())
        .contains(
            "#SBATCH --job-name=out\n#SBATCH --array=1-3\n",
            "\ncompare=" + ROOT + "/bin/compare\n",
            "\ndirectory=" + Path.of("").toAbsolutePath() + "\n",
            "\noutput=" + output() + "\n",
            "comparison=(\n  --methods h2o\n  --compression_ratio 0.5\n  --max-samples 2\n  --threads 1\n)\n");
    assertThat(output().resolve("slurm/logs")).isDirectory();
    // Said here, since nobody looks into a job's log for it.
    assertThat(run.err()).contains("taking the demo model");
  }

  @Test
  void aFileOfOptionsSaysWhereResultsGo() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("run.yaml"), "methods: [baseline]\noutput: " + output() + "\n");

    Run run = Run.of("slurm", "--array", "2", "--", "--config", config.toString());

    assertThat(run.err()).doesNotContain("--output");
    assertThat(run.code()).isZero();
    assertThat(script()).contains("\noutput=" + output() + "\n", "  --config " + config + "\n");
  }

  @Test
  void aProblemOfAFileOfOptionsNamesTheFile() throws Exception {
    Path config = Files.writeString(folder.resolve("run.yaml"), "methods: [h2]\nbudget: 9\n");

    Run run = slurm("--array", "2", "--", "--config", config.toString());

    assertThat(run.errors())
        .singleElement()
        .asString()
        .startsWith("compare: behind --, " + config + ": methods: unknown press 'h2'");
  }

  @Test
  void aScriptOfSomebodyElseIsNotWrittenOver() throws Exception {
    Path own = Files.writeString(folder.resolve("mine.sh"), "echo mine\n");

    Run run = slurm("--array", "2", "--script", own.toString(), "--", "--methods", "baseline");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--script: " + own + " is there and was not written by");
    assertThat(own).hasContent("echo mine\n");
  }

  @Test
  void aFolderWithARunOfItsOwnIsRefusedBeforeDaysOfWork() throws Exception {
    Run plain =
        Run.of(
            "--methods",
            "baseline",
            "--tasks",
            "perplexity",
            "--max-samples",
            "1",
            "--max-length",
            "60",
            "--output",
            output().toString());
    assertThat(plain.code()).isZero();

    Run run = slurm("--array", "2", "--", "--methods", "baseline");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors())
        .containsExactly(
            "compare: --output: %s holds a run of its own; give another folder"
                .formatted(output()));
    assertThat(output().resolve("slurm")).doesNotExist();
  }

  @Test
  void gpusThatNobodyUsesAreRemarkedOn() {
    Run asked = slurm("--array", "2", "--gpus", "1", "--", "--methods", "baseline");
    Run used = slurm("--array", "2", "--", "--methods", "baseline", "--provider", "cuda");
    Run both =
        slurm(
            "--array",
            "2",
            "--sbatch",
            "--gres=gpu:1",
            "--",
            "--methods",
            "baseline",
            "--provider",
            "cuda");

    assertThat(asked.err()).contains("the comparison runs on the processor");
    assertThat(used.err()).contains("none are asked for");
    assertThat(both.code()).isZero();
    assertThat(both.err()).doesNotContain("GPUs");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--array 2 -- --workers 8 | the comparison wants 8 cores, but none are asked for, and most"
            + " clusters give one then; add --cpus 8 before --",
        "--array 2 -- --workers 4 --threads 2 | the comparison wants 8 cores, but none",
        "--array 2 -- --threads 8 | the comparison wants 8 cores, but none",
        "--array 1001 -- | --array 1001: most clusters take arrays up to 1000",
        "--array 9 -- --tasks perplexity --max-samples 8 | --array 9: --max-samples leaves at most"
            + " 8 contexts; the other shards have nothing to do"
      })
  void whatSeemsOddIsRemarkedOn(String arguments, String remark) {
    Run run = slurm((arguments + " --methods baseline").split(" "));

    assertThat(run.err()).contains("compare: " + remark);
    assertThat(run.code()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--array 2 --cpus 8 -- --workers 4 --threads 2",
        "--array 2 --cpus 1 --sbatch exclusive -- --workers 8",
        "--array 2 -- --threads 1",
        "--array 1000 --time UNLIMITED --",
        "--array 16 -- --max-samples 8"
      })
  void whatFitsIsNot(String arguments) {
    Run run = slurm((arguments + " --methods baseline").split(" "));

    assertThat(run.code()).isZero();
    assertThat(run.errors()).singleElement().asString().contains("taking the demo model");
  }

  @Test
  void withoutSbatchNothingIsSubmittedAndNothingWritten() {
    Map<String, String> nowhere = Map.of("PATH", folder.toString());

    assertThat(problems(nowhere))
        .singleElement()
        .asString()
        .startsWith("--submit: expected SLURM's sbatch on the PATH, found none");
    assertThat(output()).doesNotExist();
  }

  @Test
  void whatSbatchSaysAgainstTheJobsIsHandedOn() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash");
    command("sbatch", "#!/bin/sh\necho 'sbatch: error: invalid account' >&2\nexit 1\n");

    assertThat(problems(path()))
        .containsExactly(
            "--submit: sbatch did not take the jobs: sbatch: error: invalid account; change the"
                + " options, or the scripts, and submit again");
  }

  @Test
  void submittingPrintsTheJobs() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash");
    command("sbatch", "#!/bin/sh\nwc -l < \"$0.calls\"; echo \"$@\" >> \"$0.calls\"\n");
    Files.createFile(folder.resolve("sbatch.calls"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    assertThat(run(path(), out)).isZero();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .endsWith(
            """
            export: job 0
            shards: job 1, 3 of them, once 0 is done
            merge: job 2, once all of 1 have ended
            """);
    String slurm = output() + "/slurm/";
    assertThat(Files.readAllLines(folder.resolve("sbatch.calls")))
        .containsExactly(
            "--parsable " + slurm + "compare-export.sh",
            "--parsable --dependency=afterok:0 --kill-on-invalid-dep=yes " + slurm + "compare.sh",
            "--parsable --dependency=afterany:1 " + slurm + "compare-merge.sh");
  }

  private void command(String name, String text) throws Exception {
    Path file = Files.writeString(folder.resolve(name), text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private Map<String, String> path() {
    return Map.of("PATH", folder + ":" + System.getenv("PATH"));
  }

  private List<String> problems(Map<String, String> environment) {
    try {
      run(environment, new ByteArrayOutputStream());
      return List.of();
    } catch (UsageException e) {
      return e.problems();
    }
  }

  private int run(Map<String, String> environment, ByteArrayOutputStream out) {
    SlurmCommand command = new SlurmCommand(environment);
    List<String> arguments =
        new ArrayList<>(List.of("--array=3", "--output=" + output(), "--submit", "--quiet", "--"));
    arguments.addAll(COMPARISON);
    new CommandLine(command).parseArgs(arguments.toArray(new String[0]));
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    return command.run(
        new Console(new ByteArrayInputStream(new byte[0]), stream, stream, false), new Problems());
  }
}
