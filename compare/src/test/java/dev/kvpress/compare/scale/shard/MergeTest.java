package dev.kvpress.compare.scale.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.bench.SyntheticRun;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.journal.FolderLock;
import dev.kvpress.compare.journal.Journal;
import dev.kvpress.compare.run.plan.Shard;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Merging folders of made-up runs, whole and damaged. */
class MergeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SyntheticRun RUN = new SyntheticRun(8, 11, 5, 3);

  @TempDir Path folder;
  private final List<String> notices = new ArrayList<>();

  @BeforeEach
  void threeShards() {
    for (int number = 1; number <= 3; number++) {
      RUN.write(shard(number), new Shard(number, 3));
    }
  }

  private Path shard(int number) {
    return folder.resolve("shards/" + number);
  }

  private Path journal(int number) {
    return shard(number).resolve(Journal.FILE);
  }

  private void merge(String output, boolean partial, Path... folders) {
    try (JoinedRun run = JoinedRun.open(Arrays.asList(folders), notices::add)) {
      new Merge(run, notices::add).into(folder.resolve(output), partial);
    }
  }

  private void merge(String output) {
    merge(output, false, shard(1), shard(2), shard(3));
  }

  private JsonNode cells(String output) throws Exception {
    return JSON.readTree(folder.resolve(output).resolve("results.json").toFile()).get("cells");
  }

  private void requireTheWhole(String output) {
    Path whole = folder.resolve("whole");
    RUN.write(whole, Shard.WHOLE);
    merge("one", false, whole);
    for (String file : List.of("results.json", "results.csv", "samples.jsonl")) {
      assertThat(folder.resolve(output).resolve(file))
          .isNotEmptyFile()
          .hasSameTextualContentAs(folder.resolve("one").resolve(file));
    }
  }

  @Test
  void resultsOfSomethingElseAreNotReplaced() throws Exception {
    Path foreign = Files.createDirectories(folder.resolve("merged"));
    Files.writeString(foreign.resolve("results.json"), "mine");
    assertThatThrownBy(() -> merge("merged"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("holds results.json of something that is no merge");
    assertThat(foreign.resolve("results.json")).hasContent("mine");
  }

  @Test
  void picturesOfAnEarlierMergeGoWithIt() throws Exception {
    merge("merged");
    Path merged = folder.resolve("merged");
    Files.writeString(merged.resolve("mine.png"), "mine");
    Files.writeString(merged.resolve("old.png"), "drawn by the merge before");
    Files.writeString(
        merged.resolve(".report-files"), "old.png\n../shards/x.png\n", StandardOpenOption.APPEND);
    Path outside = Files.writeString(folder.resolve("shards/x.png"), "outside");
    merge("merged");
    assertThat(merged.resolve("old.png")).doesNotExist();
    assertThat(merged.resolve("mine.png")).hasContent("mine");
    assertThat(outside).exists();
  }

  @Test
  void processorsOfSeveralKindsGetARemark() throws Exception {
    for (int number = 1; number <= 3; number++) {
      Files.writeString(
          shard(number).resolve("run.json"),
          "{\"machine\":{\"cpu\":\"kind %d\"}}".formatted(number / 2));
    }
    merge("merged");
    assertThat(notices).singleElement().asString().contains("kind 0; kind 1", "last digits");
    assertThat(JSON.readTree(folder.resolve("merged/run.json").toFile()).get("machines"))
        .hasSize(3);
  }

  @Test
  void shardsMergedAreTheWholeWhateverTheirOrder() throws Exception {
    merge("merged", false, shard(2), shard(3), shard(1));
    requireTheWhole("merged");
    assertThat(cells("merged").findValuesAsText("error"))
        .filteredOn(error -> error.contains("went wrong"))
        // Cells 3 and 6 fail in both tasks, each at the context of its number.
        .containsExactlyInAnyOrder(
            "sample 3: it went wrong",
            "sample 6: it went wrong",
            "sample 3: it went wrong",
            "sample 6: it went wrong");
    assertThat(notices).isEmpty();
  }

  @Test
  void aMergedFolderIsMergedLikeAnyOther() {
    merge("first", true, shard(1), shard(3));
    merge("all", false, folder.resolve("first"), shard(2));
    requireTheWhole("all");
    merge("again", false, folder.resolve("all"));
    requireTheWhole("again");
  }

  @Test
  void whatIsMissingIsNamedAndLeftOutOnlyWhenAskedFor() throws Exception {
    assertThatThrownBy(() -> merge("merged", false, shard(1), shard(3)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("4 of 11 contexts are in none of the folders (shard 2/3)")
        .hasMessageContaining("--partial");
    assertThat(folder.resolve("merged")).doesNotExist();

    merge("merged", true, shard(1), shard(3));

    assertThat(cells("merged").get(0).get("samples").asInt()).isEqualTo(7);
    assertThat(cells("merged").get(0).get("warnings").get(0).asText())
        .startsWith("4 of 11 samples are missing");
    assertThat(notices).anyMatch(notice -> notice.contains("shard 2/3"));
  }

  @Test
  void aTornLineIsMissingWorkAndDoneAgainItIsNot() throws Exception {
    byte[] all = Files.readAllBytes(journal(2));
    Files.write(journal(2), Arrays.copyOf(all, all.length - 20));
    assertThatThrownBy(() -> merge("merged"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(shard(2) + ": 1 pieces of work are missing");
    Files.write(journal(2), all);
    merge("merged");
    requireTheWhole("merged");
  }

  @Test
  void aDamagedLineIsPassedOverWithAWord() throws Exception {
    List<String> lines = new ArrayList<>(Files.readAllLines(journal(1)));
    lines.set(4, lines.get(4).replace("\"figures\"", "\"digits\""));
    Files.write(journal(1), lines);
    assertThatThrownBy(() -> merge("merged"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("1 pieces of work are missing");
    assertThat(notices).singleElement().asString().contains("line 5 is torn, changed");
    merge("merged", true, shard(1), shard(2), shard(3));
    assertThat(cells("merged").findValuesAsText("warnings")).isNotEmpty();
    assertThat(cells("merged").toString()).contains("1 of 11 samples are missing");
  }

  @Test
  void ofALineThatIsThereTwiceTheLastCounts() throws Exception {
    List<String> lines = Files.readAllLines(journal(1));
    Files.writeString(journal(1), lines.get(0) + "\n", StandardOpenOption.APPEND);
    merge("merged");
    requireTheWhole("merged");
  }

  @Test
  void workThatTwoFoldersHaveIsRefused() {
    Path copy = folder.resolve("copy");
    RUN.write(copy, new Shard(1, 3));
    assertThatThrownBy(() -> merge("merged", true, shard(1), shard(2), copy, shard(3)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(shard(1) + " and " + copy + " both have 8 samples, first sample 0");
    assertThatThrownBy(() -> merge("merged", true, shard(1), shard(1).resolve("../1")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("stands there twice");
  }

  @Test
  void foldersThatDoNotBelongTogetherAreToldByWhatDiffers() {
    Path other = folder.resolve("other");
    new SyntheticRun(7, 11, 6, 3).write(other, new Shard(2, 3));
    assertThatThrownBy(() -> merge("merged", true, shard(1), other))
        .isInstanceOfSatisfying(
            UsageException.class,
            e ->
                assertThat(e.problems())
                    .allSatisfy(line -> assertThat(line).startsWith(other + " does not belong to"))
                    .anyMatch(line -> line.contains("setting: seed: expected 5, found 6"))
                    .anyMatch(line -> line.contains("7 cells are missing: knorm at "))
                    .anyMatch(line -> line.contains("6 cells are new: knorm at ")));
    Path longer = folder.resolve("longer");
    new SyntheticRun(8, 12, 5, 3).write(longer, new Shard(2, 3));
    assertThatThrownBy(() -> merge("merged", true, shard(1), longer))
        .hasMessageContaining("contexts: expected 11, found 12")
        .hasMessageContaining("11 samples");
  }

  @Test
  void aFolderWithoutAPlanIsRefusedByName() throws Exception {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThatThrownBy(() -> merge("merged", true, shard(1), empty))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(empty + ": expected the folder of a run, found no plan.json");
  }

  @Test
  void theOutputIsNeverAFolderWithWorkOfItsOwn() {
    assertThatThrownBy(() -> merge("shards/1"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("is one of the folders that are merged");
    Path own = folder.resolve("own");
    RUN.write(own, Shard.WHOLE);
    assertThatThrownBy(() -> merge("own"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("holds a run of its own");
    assertThat(own.resolve(Journal.FILE)).isNotEmptyFile();
  }

  @Test
  void aSecondMergeTakesThePlaceOfTheFirstAndLeavesAllElse() throws Exception {
    // As a cluster has it: the shards lie within the output folder.
    Path notes = Files.writeString(folder.resolve("notes.txt"), "mine");
    merge("", true, shard(1), shard(3));
    assertThat(cells("").get(0).get("samples").asInt()).isEqualTo(7);
    merge("");
    requireTheWhole("");
    assertThat(notes).hasContent("mine");
    assertThat(journal(1)).isNotEmptyFile();
    assertThat(folder.resolve(".merge.part")).doesNotExist();
  }

  @Test
  void aMergeThatIsCutOffWhileItMovesLeavesNothingThatLooksFinished() throws Exception {
    merge("merged");
    Path merged = folder.resolve("merged");
    // What cannot be replaced stops it in the middle, as a kill does.
    Files.delete(merged.resolve("samples.jsonl"));
    Files.createDirectories(merged.resolve("samples.jsonl/in-the-way"));

    assertThatThrownBy(() -> merge("merged")).isInstanceOf(UncheckedIOException.class);

    for (String file : List.of("plan.json", "results.json", "report.html", "run.json")) {
      assertThat(merged.resolve(file)).doesNotExist();
    }
    MoreFiles.deleteRecursively(
        merged.resolve("samples.jsonl"), RecursiveDeleteOption.ALLOW_INSECURE);
    merge("merged");
    requireTheWhole("merged");
  }

  @Test
  void aKilledMergeIsNoneOrAWhole() throws Exception {
    Path output = folder.resolve("merged");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kvpress.compare.cli.Main",
                "merge"));
    List.of(1, 2, 3).forEach(number -> command.add(shard(number).toString()));
    command.addAll(List.of("--output", output.toString()));
    for (String reached : List.of("journal.jsonl", "contexts.jsonl", "report.html")) {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      // Whatever it has made when the kill comes: looked for in its own folder, then in its place.
      while (process.isAlive()
          && !Files.exists(output.resolve(".merge.part").resolve(reached))
          && !Files.exists(output.resolve(reached))) {
        process.waitFor(2, TimeUnit.MILLISECONDS);
      }
      process.destroyForcibly().waitFor();
      if (Files.exists(output.resolve("plan.json"))) {
        requireTheWhole("merged");
      }
    }
    merge("merged");
    requireTheWhole("merged");
  }

  @Test
  void twoMergesIntoOneFolderAreRefused() throws Exception {
    Path merged = Files.createDirectories(folder.resolve("merged"));
    try (FolderLock held = FolderLock.take(merged, notices::add)) {
      assertThatThrownBy(() -> merge("merged"))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining(merged.toString());
      held.requireHeld();
    }
    merge("merged");
    requireTheWhole("merged");
  }

  @Test
  void whatAKilledMergeHasLeftIsSweptAway() throws Exception {
    Path part = Files.createDirectories(folder.resolve("merged/.merge.part"));
    Files.writeString(part.resolve("journal.jsonl"), "half a li");
    // Killed while it moved: the journal is there already, the plan not yet.
    Files.writeString(folder.resolve("merged/journal.jsonl"), "{}\n");
    Files.writeString(folder.resolve("merged/.merge"), "");
    merge("merged");
    requireTheWhole("merged");
    assertThat(part).doesNotExist();
    assertThat(folder.resolve("merged/.merge")).doesNotExist();
  }

  @Test
  void statusCountsWhatIsDoneMissingAndFailed() throws Exception {
    List<Path> all = List.of(shard(1), shard(2), shard(3));
    RunStatus status = RunStatus.of(all, notices::add);
    assertThat(status.complete()).isFalse();
    assertThat(status.together().missing()).isZero();
    assertThat(status.together().failed()).isEqualTo(4);
    assertThat(status.absentShards()).isEmpty();
    assertThat(status.folders()).extracting(RunStatus.Folder::shard).contains("1/3", "2/3", "3/3");

    List<String> lines = Files.readAllLines(journal(3));
    Files.write(journal(3), lines.subList(0, lines.size() - 5));
    Path nothing = folder.resolve("shards/4");
    RunStatus less = RunStatus.of(List.of(shard(1), shard(3), nothing), notices::add);
    assertThat(less.absentShards()).containsExactly("2/3");
    assertThat(less.absentContexts()).isEqualTo(4);
    assertThat(less.folders())
        .anySatisfy(
            one -> {
              assertThat(one.folder()).isEqualTo(shard(3).toString());
              assertThat(one.work().missing()).isEqualTo(5);
            })
        .anySatisfy(one -> assertThat(one.begun()).isFalse());
    assertThat(StatusTable.of(less))
        .contains("not begun", "7 of 11", "shards that are not there: 2/3", "baseline");
    assertThat(StatusTable.of(status)).contains("error: knorm at", "sample 3: it went wrong");

    RUN.write(folder.resolve("sound"), Shard.WHOLE);
    new SyntheticRun(2, 3, 1, 0).write(folder.resolve("sound"), Shard.WHOLE);
    assertThat(RunStatus.of(List.of(folder.resolve("sound")), notices::add).complete()).isTrue();
  }

  @Test
  void statusOfAPlanThatCannotBeReadIsNotThatNothingHasBegun() throws Exception {
    Path plan = shard(2).resolve("plan.json");
    Files.delete(plan);
    Files.createSymbolicLink(plan, Path.of("plan.json"));
    assertThatThrownBy(() -> RunStatus.of(List.of(shard(1), shard(2)), notices::add))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(plan + ": cannot be read: ");
  }

  @Test
  void aRunJsonThatIsNoObjectIsNotLeftOutInSilence() throws Exception {
    Files.writeString(shard(2).resolve("run.json"), "null");
    assertThatThrownBy(() -> merge("merged"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("run.json: expected a JSON object");
  }

  @Test
  void aPlanOfAnotherVersionOrWithForeignSamplesIsRefused() throws Exception {
    Path plan = shard(1).resolve("plan.json");
    String text = Files.readString(plan);
    Files.writeString(plan, text.replace("\"schema_version\" : 2", "\"schema_version\" : 9"));
    assertThatThrownBy(() -> merge("merged"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("expected a plan of version 2, found version 9");
    Files.writeString(plan, text.replace("\"recall\"", "\"recoil\""));
    assertThatThrownBy(() -> merge("merged"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the task recoil, which this version does not know");
    Files.writeString(plan, text.replace("\"baseline\" : true", "\"baseline\" : false"));
    assertThatThrownBy(() -> merge("merged"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(plan + ": was changed after it was written");
    Files.writeString(plan, text.replace("\n", "\r\n"));
    merge("whatever the ends of lines are");
    Files.writeString(plan, text);
    Files.copy(
        shard(2).resolve("contexts.jsonl"),
        shard(1).resolve("contexts.jsonl"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> merge("merged"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("contexts.jsonl: does not belong to the plan beside it");
  }
}
