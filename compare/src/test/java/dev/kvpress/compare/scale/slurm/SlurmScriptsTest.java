package dev.kvpress.compare.scale.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.Resources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scripts as a cluster runs them; sbatch and compare are stand-ins. */
class SlurmScriptsTest {
  private static final List<String> WORDS =
      List.of("--methods", "dms(h2o, threshold=0.1)", "it's \"é\"", "--model", "$HOME/a\nb \\ `c`");
  private static final JobResources NONE =
      new JobResources(
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of());

  @TempDir Path temporary;

  private Path folder;
  private Path output;
  private final Map<String, String> environment = new HashMap<>(System.getenv());

  /** A call of compare: the folder it was in, options of Java, words. */
  private record Call(String folder, String javaOptions, List<String> words) {}

  @BeforeEach
  void standIns() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash");
    folder = Files.createDirectory(temporary.resolve("it's 50% \"é\" $x #"));
    output = folder.resolve("results");
    Path commands = Files.createDirectory(temporary.resolve("commands"));
    for (String name : List.of("sbatch", "compare")) {
      Path file = commands.resolve(name);
      Files.write(file, Resources.toByteArray(Resources.getResource(getClass(), name)));
      assertThat(file.toFile().setExecutable(true)).isTrue();
    }
    executable("scancel", "#!/bin/sh\necho \"$@\" > \"$STANDIN_DIR/cancelled\"\n");
    environment.put("PATH", commands + ":" + environment.get("PATH"));
    environment.put("STANDIN_DIR", temporary.resolve("state").toString());
    environment.remove("KVPRESS_JAVA_OPTS");
  }

  private void executable(String name, String text) throws Exception {
    Path file = Files.writeString(temporary.resolve("commands").resolve(name), text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private SlurmScripts scripts(JobResources resources, boolean partial) {
    return new SlurmScripts(
        new SlurmJob(
            "a job",
            new ShardArray(3, OptionalInt.of(2)),
            resources,
            temporary.resolve("commands").resolve("compare"),
            folder,
            output,
            output.resolve("slurm").resolve("compare.sh"),
            WORDS,
            Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString()),
            partial));
  }

  private Submission.Outcome submitted(boolean partial) {
    SlurmScripts scripts = scripts(NONE, partial);
    scripts.write();
    return new Submission(environment).submit(scripts.submitting());
  }

  private List<Call> calls() throws Exception {
    List<Call> calls = new ArrayList<>();
    for (String call : Files.readString(temporary.resolve("state/calls")).split("\0\n\n", -1)) {
      if (!call.isEmpty()) {
        String[] parts = call.split("\n", 3);
        calls.add(new Call(parts[0], parts[1], Arrays.asList(parts[2].split("\0", -1))));
      }
    }
    return calls;
  }

  private Path shard(int number) {
    return output.resolve("shards").resolve(number + "-of-3");
  }

  private static List<String> with(String... further) {
    return Stream.concat(WORDS.stream(), Arrays.stream(further)).toList();
  }

  private String log(String name) throws Exception {
    return Files.readString(output.resolve("slurm/logs").resolve(name));
  }

  @Test
  void exportsThenRunsEveryShardThenMerges() throws Exception {
    Submission.Outcome outcome = submitted(false);

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.code()).isZero();
    assertThat(outcome.out())
        .containsExactly(
            "export: job 101",
            "shards: job 102, 3 of them, once 101 is done",
            "merge: job 103, once all of 102 have ended");
    List<String> merged = List.of(shard(1).toString(), shard(2).toString(), shard(3).toString());
    assertThat(calls())
        .extracting(Call::words)
        .containsExactly(
            with("--output", output.toString(), "--fill-cache"),
            with("--shard", "1/3", "--output", shard(1).toString()),
            with("--shard", "2/3", "--output", shard(2).toString()),
            with("--shard", "3/3", "--output", shard(3).toString()),
            Stream.concat(Stream.of("status"), merged.stream()).toList(),
            Stream.concat(
                    Stream.concat(Stream.of("merge"), merged.stream()),
                    Stream.of("--output", output.toString()))
                .toList());
    // Relative paths among the arguments mean what they meant where the user stood.
    assertThat(calls()).extracting(Call::folder).containsOnly(folder.toString());
    assertThat(log("shard-102_2.log")).isEmpty();
  }

  @Test
  void javaIsToldWhatTheJobWasGivenAndWhatTheUserSaysWins() throws Exception {
    environment.put("KVPRESS_JAVA_OPTS", "-Xmx3g");

    submitted(false);

    String given = "-XX:ActiveProcessorCount=2 -XX:MaxRAM=4096m -Xmx3g";
    assertThat(calls().get(1).javaOptions()).isEqualTo(given);
    assertThat(calls().get(5).javaOptions()).isEqualTo("-XX:MaxRAMPercentage=70 " + given);
  }

  @ParameterizedTest
  @CsvSource({
    "SLURM_MEM_PER_NODE=4096, ' -XX:MaxRAM=4096m'",
    "SLURM_MEM_PER_CPU=3000, ' -XX:MaxRAM=6000m'",
    "SLURM_MEM_PER_NODE=0, ''",
    "'', ''"
  })
  void javaIsToldOfMemoryHoweverItWasAskedFor(String given, String told) throws Exception {
    environment.put("STANDIN_MEMORY", given);

    submitted(false);

    assertThat(calls().get(1).javaOptions()).isEqualTo("-XX:ActiveProcessorCount=2" + told + " ");
  }

  @Test
  void aFailedShardLeavesTheOthersAndTheMergeNamesWhatIsMissing() throws Exception {
    environment.put("STANDIN_FAILS", "2/3");

    assertThat(submitted(true).code()).isZero();

    assertThat(calls()).hasSize(6);
    assertThat(calls().get(4).words())
        .containsExactly("status", shard(1).toString(), shard(2).toString(), shard(3).toString());
    assertThat(calls().get(5).words())
        .containsExactly(
            "merge",
            "--partial",
            shard(1).toString(),
            shard(3).toString(),
            "--output",
            output.toString());
  }

  @Test
  void withoutTheExportNothingRuns() throws Exception {
    environment.put("STANDIN_FAILS", "--fill-cache");

    assertThat(submitted(false).code()).isZero();

    assertThat(calls()).hasSize(1);
    assertThat(log("merge-103.log")).contains("no shard has begun", output.toString());
    assertThat(temporary.resolve("state/103.state")).hasContent("1");
  }

  @Test
  void aMergeThatIsRefusedSaysHowToGoOn() throws Exception {
    environment.put("STANDIN_FAILS", "merge");

    submitted(false);

    assertThat(log("merge-103.log")).contains("gone on with by: bash", "compare-submit.sh");
    assertThat(temporary.resolve("state/103.state")).hasContent("3");
  }

  @Test
  void submittingAgainGoesOnInTheSameFolders() throws Exception {
    submitted(false);
    List<Call> first = calls();

    submitted(false);

    assertThat(calls()).hasSize(12);
    assertThat(calls().subList(6, 12)).isEqualTo(first);
  }

  @Test
  void whatWasSubmittedIsTakenBackWhereAJobBehindItIsRefused() throws Exception {
    environment.put("STANDIN_REFUSES", "compare-merge.sh");

    Submission.Outcome outcome = submitted(false);

    assertThat(outcome.code()).isNotZero();
    assertThat(outcome.err()).singleElement().asString().contains("Invalid partition");
    assertThat(temporary.resolve("state/cancelled")).content().isEqualTo("101 102\n");
  }

  @Test
  void withoutSbatchTheScriptSaysSo() throws Exception {
    Files.delete(temporary.resolve("commands/sbatch"));
    executable("bash", "#!/bin/sh\nexec /bin/bash \"$@\"\n");
    environment.put("PATH", temporary.resolve("commands").toString());

    Submission.Outcome outcome = submitted(false);

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).singleElement().asString().startsWith("no sbatch found");
    assertThat(new Submission(environment).command()).isEmpty();
  }

  @Test
  void aShardThatIsNoTaskOfAnArraySaysSo() throws Exception {
    SlurmScripts scripts = scripts(NONE, false);
    scripts.write();

    Submission.Outcome outcome =
        new Submission(environment).submit(output.resolve("slurm/compare.sh"));

    assertThat(outcome.code()).isNotZero();
    assertThat(outcome.err()).singleElement().asString().contains("no task of an array");
    assertThat(temporary.resolve("state/calls")).doesNotExist();
  }

  @Test
  void theClusterIsAskedForWhatWasTyped() {
    JobResources resources =
        new JobResources(
            Optional.of("1-12"),
            Optional.of("32G"),
            OptionalInt.of(8),
            Optional.of("a100:1"),
            Optional.of("long"),
            Optional.of("group"),
            List.of("java/17"),
            List.of("qos=low", "gres=shard:1", "exclusive"));

    Map<Path, String> texts = scripts(resources, false).texts();

    String logs =
        folder.toString().replace("%", "%%").replace("\"", "\\\"") + "/results/slurm/logs";
    assertThat(directives(texts.get(output.resolve("slurm/compare.sh"))))
        .containsExactly(
            "--job-name=\"a job\"",
            "--array=1-3%2",
            "--time=1-12",
            "--mem=32G",
            "--partition=long",
            "--account=group",
            "--cpus-per-task=8",
            "--gpus=a100:1",
            "--qos=low",
            "--gres=shard:1",
            "--exclusive",
            "--requeue",
            "--open-mode=append",
            "--output=\"" + logs + "/shard-%A_%a.log\"");
    // What merges needs neither.
    assertThat(directives(texts.get(output.resolve("slurm/compare-merge.sh"))))
        .contains("--mem=32G", "--qos=low")
        .noneMatch(line -> line.contains("gpus") || line.contains("gres"));
  }

  private static List<String> directives(String script) {
    return script
        .lines()
        .filter(line -> line.startsWith("#SBATCH "))
        .map(line -> line.substring("#SBATCH ".length()))
        .toList();
  }

  @Test
  void modulesAreLoadedBeforeAnythingRuns() throws Exception {
    executable("module", "#!/bin/sh\necho module \"$@\" >> \"$STANDIN_DIR/modules\"\n");
    SlurmScripts scripts = scripts(modules("java/17", "cuda"), false);
    scripts.write();

    assertThat(new Submission(environment).submit(scripts.submitting()).code()).isZero();

    assertThat(Files.readAllLines(temporary.resolve("state/modules")))
        .hasSize(5)
        .containsOnly("module load java/17 cuda");
  }

  @Test
  void aModuleThatIsNotThereEndsTheJob() throws Exception {
    executable("module", "#!/bin/sh\necho \"no module $2\" >&2\nexit 1\n");
    SlurmScripts scripts = scripts(modules("java/99"), false);
    scripts.write();

    new Submission(environment).submit(scripts.submitting());

    assertThat(log("export-101.log")).isEqualTo("no module java/99\n");
    assertThat(temporary.resolve("state/calls")).doesNotExist();
  }

  private static JobResources modules(String... names) {
    return new JobResources(
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(names),
        List.of());
  }

  @Test
  void onlyItsOwnScriptsAreWrittenOver() throws Exception {
    SlurmScripts scripts = scripts(NONE, false);
    assertThat(scripts.inTheWay()).isEmpty();
    scripts.write();
    assertThat(scripts.inTheWay()).isEmpty();

    Path merge = Files.writeString(output.resolve("slurm/compare-merge.sh"), "echo mine\n");

    assertThat(scripts.inTheWay()).contains(merge);
  }

  @Test
  void aFolderThatNoLogCanLieInIsRefused() {
    output = folder.resolve("a\\b");

    assertThatThrownBy(() -> scripts(NONE, false)).hasMessageContaining("a\\b");
  }
}
