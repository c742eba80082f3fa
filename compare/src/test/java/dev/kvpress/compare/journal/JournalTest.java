package dev.kvpress.compare.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.run.FinishedWork;
import dev.kvpress.compare.run.KeepMap;
import dev.kvpress.compare.run.Outcomes;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.WorkLog.Unit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final SampleOutcome FIRST = Outcomes.perplexity(0, 10, 20.1, 9, 1.0 / 3);
  private static final SampleOutcome SECOND =
      Outcomes.recall(
          1, true, Optional.of(new KeepMap(3, 2, List.of(new byte[] {0, 3}, new byte[] {1, 2}))));

  @TempDir Path folder;
  private final List<String> notices = new ArrayList<>();

  @Test
  void whatWasDoneIsFoundAgainExactly() {
    try (Journal journal = open(false)) {
      journal.done(unit("a"), FIRST);
      journal.done(new Unit("b", "h2o at 0.6", "recall", 1), SECOND);
    }
    try (Journal journal = open(false)) {
      assertThat(found(journal, "a")).contains(FIRST);
      assertThat(found(journal, "b")).contains(SECOND);
      assertThat(found(journal, "c")).isEmpty();
    }
    assertThat(notices).isEmpty();
  }

  @Test
  void figuresThatAreNoNumbersComeBackAsSuch() {
    SampleOutcome odd = Outcomes.perplexity(0, 1, Double.NaN, 1, Double.POSITIVE_INFINITY);
    try (Journal journal = open(false)) {
      journal.done(unit("a"), odd);
    }
    try (Journal journal = open(false)) {
      assertThat(found(journal, "a")).contains(odd);
    }
  }

  @Test
  void everyPlaceOfATornLastLineIsHealed() throws Exception {
    try (Journal journal = open(false)) {
      journal.done(unit("a"), FIRST);
      journal.done(new Unit("b", "h2o at 0.6", "recall", 1), SECOND);
    }
    byte[] whole = Files.readAllBytes(file());
    int firstLine = new String(whole, java.nio.charset.StandardCharsets.UTF_8).indexOf('\n') + 1;
    for (int cut = firstLine; cut < whole.length; cut += 7) {
      Files.write(file(), Arrays.copyOf(whole, cut));
      try (Journal journal = open(false)) {
        assertThat(found(journal, "a")).contains(FIRST);
        assertThat(found(journal, "b")).isEmpty();
        journal.done(new Unit("b", "h2o at 0.6", "recall", 1), SECOND);
      }
      assertThat(Files.readAllBytes(file())).isEqualTo(whole);
    }
    assertThat(notices).isEmpty();
  }

  @Test
  void errorsAreTakenDownAndTriedAgain() throws Exception {
    try (Journal journal = open(false)) {
      journal.failed(unit("a"), "sample 0: it went wrong");
    }
    assertThat(Files.readString(file())).contains("it went wrong");
    try (Journal journal = open(false)) {
      assertThat(found(journal, "a")).isEmpty();
      assertThat(journal.entry("a").flatMap(FinishedWork.Entry::error))
          .contains("sample 0: it went wrong");
    }
  }

  @Test
  void ofTwoLinesWithOneKeyTheLastCounts() {
    try (Journal journal = open(false)) {
      journal.done(unit("a"), FIRST);
      journal.failed(unit("b"), "it went wrong");
      journal.done(new Unit("a", "h2o at 0.6", "recall", 1), SECOND);
      journal.done(unit("b"), FIRST);
      journal.done(unit("c"), FIRST);
      journal.failed(unit("c"), "it went wrong");
    }
    try (Journal journal = open(false)) {
      assertThat(found(journal, "a")).contains(SECOND);
      assertThat(found(journal, "b")).contains(FIRST);
      assertThat(found(journal, "c")).isEmpty();
    }
  }

  @Test
  void linesLongerThanABlockAreFoundAmongManyShortOnes() {
    byte[] layer = new byte[500_000];
    SampleOutcome large =
        Outcomes.recall(1, true, Optional.of(new KeepMap(3, 500_000, List.of(layer))));
    try (Journal journal = open(false)) {
      for (int i = 0; i < 3000; i++) {
        SampleOutcome own = i % 1000 == 0 ? large : FIRST;
        journal.done(new Unit("key " + i, "h2o at 0.6", "recall", own.sample()), own);
      }
    }
    try (Journal journal = open(false)) {
      for (int i = 0; i < 3000; i++) {
        assertThat(found(journal, "key " + i)).contains(i % 1000 == 0 ? large : FIRST);
      }
      assertThat(found(journal, "key 3000")).isEmpty();
    }
    assertThat(notices).isEmpty();
  }

  @Test
  void aForeignLineIsPassedOverWithARemark() throws Exception {
    try (Journal journal = open(false)) {
      journal.done(unit("a"), FIRST);
    }
    Files.writeString(file(), "hello\n", StandardOpenOption.APPEND);
    try (Journal journal = open(false)) {
      journal.done(new Unit("b", "h2o at 0.6", "recall", 1), SECOND);
    }
    try (Journal journal = open(false)) {
      assertThat(found(journal, "a")).contains(FIRST);
      assertThat(found(journal, "b")).contains(SECOND);
    }
    assertThat(notices)
        .isNotEmpty()
        .allSatisfy(n -> assertThat(n).contains("line 2 is torn, changed"));
  }

  @Test
  void theFirstLinesThatArePassedOverAreNamedAndBlankOnesAreNoLoss() throws Exception {
    try (Journal journal = open(false)) {
      journal.done(unit("a"), FIRST);
    }
    Files.writeString(file(), "\n  \r\n", StandardOpenOption.APPEND);
    try (ReadJournal journal = ReadJournal.open(folder, notices::add)) {
      assertThat(journal.isDone("a")).isTrue();
    }
    assertThat(notices).isEmpty();
    Files.writeString(file(), "{}\n".repeat(7), StandardOpenOption.APPEND);
    try (ReadJournal journal = ReadJournal.open(folder, notices::add)) {
      assertThat(journal.isDone("a")).isTrue();
    }
    assertThat(notices)
        .singleElement()
        .asString()
        .contains("lines 4, 5, 6, 7, 8 and 2 more are torn", "counts as missing")
        .doesNotContain("is done again");
    notices.clear();
    open(false).close();
    assertThat(notices).singleElement().asString().contains("is done again");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{}",
        "[]",
        "5",
        "{\"schemaVersion\":2}",
        "{\"schemaVersion\":2,\"key\":\"a\",\"cell\":\"h2o\",\"task\":\"qa\",\"sample\":0,\"outcome\":{}}"
      })
  void whatIsJsonButNoLineIsPassedOver(String text) throws Exception {
    Files.writeString(file(), (text.contains(":") ? JournalLine.sealed(text) : text) + "\n");
    try (Journal journal = open(false)) {
      assertThat(found(journal, "a")).isEmpty();
    }
    assertThat(notices).singleElement().asString().contains("line 1 is torn, changed");
  }

  /** A part that is gone must not be read as 0, and no part that is odd may end the run. */
  @Test
  void aLineThatLacksAnyOfItsPartsIsPassedOverAndNeverReadAsZero() throws Exception {
    try (Journal journal = open(false)) {
      journal.done(unit("a"), SECOND);
    }
    ObjectNode whole = unsealed(Files.readString(file()));
    List<String> optional =
        List.of(
            "/outcome/text",
            "/outcome/kept",
            "/outcome/remarks",
            "/outcome/cache/stepTimes",
            // A line without an outcome tells of an error; of figures a task may have any.
            "/outcome",
            "/outcome/figures/recall_accuracy");
    int tried = 0;
    for (String part : parts("", whole)) {
      if (optional.contains(part)) {
        continue;
      }
      JsonNode damaged = whole.deepCopy();
      JsonPointer pointer = JsonPointer.compile(part);
      ((ObjectNode) damaged.at(pointer.head())).remove(pointer.last().getMatchingProperty());
      Files.writeString(file(), JournalLine.sealed(JSON.writeValueAsString(damaged)) + "\n");
      notices.clear();
      try (Journal journal = open(false)) {
        assertThat(found(journal, "a")).as("without " + part).isEmpty();
      }
      assertThat(notices).as("without " + part).hasSize(1);
      tried++;
    }
    assertThat(tried).isGreaterThan(20);
  }

  @Test
  void aLineOfAnotherFormatIsPassedOverWithARemark() throws Exception {
    try (Journal journal = open(false)) {
      journal.done(unit("a"), FIRST);
    }
    ObjectNode other = unsealed(Files.readString(file())).put("schemaVersion", 1);
    Files.writeString(file(), JournalLine.sealed(JSON.writeValueAsString(other)) + "\n");
    try (Journal journal = open(false)) {
      assertThat(found(journal, "a")).isEmpty();
    }
    assertThat(notices).singleElement().asString().contains("of another version");
  }

  /**
   * A figure that was changed on a disk or by a hand must not come out as one that was measured.
   */
  @Test
  void aLineWithOneOtherByteAnywhereIsPassedOver() throws Exception {
    try (Journal journal = open(false)) {
      journal.done(unit("a"), SECOND);
    }
    byte[] line = Files.readString(file()).strip().getBytes(UTF_8);
    assertThat(JournalLine.parse(line)).isPresent();
    for (int i = 0; i < line.length; i++) {
      byte[] changed = line.clone();
      changed[i] ^= 1 + i % 7;
      assertThat(JournalLine.parse(changed)).as("byte " + i).isEmpty();
    }
    Files.writeString(file(), Files.readString(file()).replace("\"tokens\":", "\"tokens\":1"));
    try (Journal journal = open(false)) {
      assertThat(found(journal, "a")).isEmpty();
    }
    assertThat(notices)
        .singleElement()
        .asString()
        .contains("line 1 is torn, changed or of another");
  }

  private static ObjectNode unsealed(String line) throws Exception {
    ObjectNode object = (ObjectNode) JSON.readTree(line);
    object.remove("crc32c");
    return object;
  }

  /** JSON pointers of all members of objects. */
  private static List<String> parts(String at, JsonNode node) {
    List<String> parts = new ArrayList<>();
    node.fields()
        .forEachRemaining(
            member -> {
              String own = at + "/" + member.getKey();
              parts.add(own);
              parts.addAll(parts(own, member.getValue()));
            });
    return parts;
  }

  @Test
  void freshForgetsEverything() {
    try (Journal journal = open(false)) {
      journal.done(unit("a"), FIRST);
    }
    try (Journal journal = open(true)) {
      assertThat(found(journal, "a")).isEmpty();
    }
    assertThat(file()).isEmptyFile();
  }

  @Test
  void twoRunsOnOneFolderAreRefused() {
    try (Journal journal = open(false)) {
      assertThat(found(journal, "a")).isEmpty();
      assertThatThrownBy(() -> open(false))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("another run is writing to " + folder);
    }
    try (Journal again = open(false)) {
      assertThat(found(again, "a")).isEmpty();
    }
  }

  private static Optional<SampleOutcome> found(Journal journal, String key) {
    Optional<SampleOutcome> outcome = journal.entry(key).flatMap(FinishedWork.Entry::outcome);
    assertThat(journal.isDone(key)).isEqualTo(outcome.isPresent());
    return outcome;
  }

  private Journal open(boolean fresh) {
    return Journal.open(folder, fresh, notices::add);
  }

  private Path file() {
    return folder.resolve(Journal.FILE);
  }

  private static Unit unit(String key) {
    return new Unit(key, "h2o at 0.6", "recall", 0);
  }
}
