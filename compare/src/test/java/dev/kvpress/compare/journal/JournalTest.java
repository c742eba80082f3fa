package dev.kvpress.compare.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.UsageException;
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

class JournalTest {
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
      assertThat(journal.find("a")).contains(FIRST);
      assertThat(journal.find("b")).contains(SECOND);
      assertThat(journal.find("c")).isEmpty();
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
      assertThat(journal.find("a")).contains(odd);
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
        assertThat(journal.find("a")).contains(FIRST);
        assertThat(journal.find("b")).isEmpty();
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
      assertThat(journal.find("a")).isEmpty();
    }
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
      assertThat(journal.find("a")).contains(FIRST);
      assertThat(journal.find("b")).contains(SECOND);
    }
    assertThat(notices).isNotEmpty().allSatisfy(n -> assertThat(n).contains("1 line is"));
  }

  @Test
  void freshForgetsEverything() {
    try (Journal journal = open(false)) {
      journal.done(unit("a"), FIRST);
    }
    try (Journal journal = open(true)) {
      assertThat(journal.find("a")).isEmpty();
    }
    assertThat(file()).isEmptyFile();
  }

  @Test
  void twoRunsOnOneFolderAreRefused() {
    try (Journal journal = open(false)) {
      assertThat(journal.find("a")).isEmpty();
      assertThatThrownBy(() -> open(false))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("another run is writing to " + folder);
    }
    try (Journal again = open(false)) {
      assertThat(again.find("a")).isEmpty();
    }
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
