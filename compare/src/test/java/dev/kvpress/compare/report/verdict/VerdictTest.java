package dev.kvpress.compare.report.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.report.FolderFixture;
import dev.kvpress.compare.report.folder.Limits;
import dev.kvpress.compare.report.folder.ResultFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictTest {
  @TempDir Path temp;
  private FolderFixture fixture;

  @BeforeEach
  void fill() {
    fixture = FolderFixture.in(temp);
    fixture.metric("loss", "reading", "nats", false, true);
    fixture.metric("score", "asking", "", true, true);
    row("baseline", 0.0, 0.0, "reading", "loss", 1.0, null);
  }

  private ObjectNode row(
      String method,
      @Nullable Double ratio,
      double achieved,
      String task,
      String metric,
      double value,
      @Nullable Double delta) {
    ObjectNode cell = fixture.cell(method, ratio, task, "d").put("achieved_ratio", achieved);
    cell.put("kv_bytes_logical", Math.round(1_048_576 * (1 - achieved)));
    FolderFixture.figure(cell, metric, value, delta, 0.1);
    return cell;
  }

  private Verdict verdict() {
    return Verdict.of(ResultFolder.read(fixture.write(), Limits.NONE));
  }

  @Test
  void takesTheBestMethodAtEachRatio() {
    row("good", 0.3, 0.3, "reading", "loss", 1.2, 0.2);
    row("bad", 0.3, 0.3, "reading", "loss", 1.9, 0.9);
    row("good", 0.6, 0.6, "reading", "loss", 1.8, 0.8);
    row("bad", 0.6, 0.6, "reading", "loss", 1.7, 0.7);
    assertThat(verdict().choices())
        .extracting(choice -> choice.requested() + " " + choice.best().method())
        .containsExactly("0.3 good", "0.6 bad");
  }

  @Test
  void ofManyBudgetsTheParagraphNamesTheFirst() {
    for (int r = 1; r <= 60; r++) {
      row("good", r / 100.0, r / 100.0, "reading", "loss", 1 + r / 100.0, r / 100.0);
      row("good", r / 100.0, r / 100.0, "asking", "score", 1 - r / 100.0, -r / 100.0);
    }
    Verdict verdict = verdict();
    assertThat(verdict.choices()).hasSize(120);
    assertThat(verdict.text())
        .contains("to remove 0.1, take good", "; and so on for 50 more.", "0.09 and 51 others")
        .doesNotContain("to remove 0.11");
    assertThat(verdict.text().length()).isLessThan(2_000);
  }

  @Test
  void knowsWhichWayIsBetter() {
    row("good", 0.3, 0.3, "asking", "score", 0.9, -0.1);
    row("bad", 0.3, 0.3, "asking", "score", 0.2, -0.8);
    assertThat(verdict().choices()).extracting(c -> c.best().method()).containsExactly("good");
    assertThat(verdict().text())
        .startsWith("Take good: it is best in the one comparison there is.");
  }

  @Test
  void aRuleOfItsOwnCountsWhereItRemovesAsMuch() {
    row("asked", 0.3, 0.3, "reading", "loss", 1.2, 0.2);
    row("asked", 0.6, 0.6, "reading", "loss", 1.8, 0.8);
    row("own", null, 0.4, "reading", "loss", 1.1, 0.1);
    assertThat(verdict().choices())
        .extracting(choice -> choice.best().method())
        .containsExactly("own", "asked");
  }

  @Test
  void saysWhoIsNotToldApart() {
    row("good", 0.3, 0.3, "reading", "loss", 1.2, 0.2);
    row("close", 0.3, 0.3, "reading", "loss", 1.25, 0.25);
    row("far", 0.3, 0.3, "reading", "loss", 1.9, 0.9);
    Choice choice = verdict().choices().get(0);
    assertThat(choice.alike()).containsExactly("close");
    assertThat(choice.isHarmless()).isFalse();
    assertThat(verdict().text()).contains("lie within the winner's interval");
  }

  @Test
  void givesIntervalAndBytes() {
    row("good", 0.5, 0.5, "reading", "loss", 1.05, 0.05);
    row("bad", 0.5, 0.5, "reading", "loss", 1.9, 0.9);
    assertThat(verdict().text())
        .contains("to remove 0.5, take good (1.050, +0.0500 [−0.0500, +0.1500]")
        .containsIgnoringCase("no loss against the full cache is visible in 1 of 1")
        .contains("at least 8 samples");
  }

  @Test
  void errorsAreNoCandidates() {
    row("good", 0.5, 0.5, "reading", "loss", 1.5, 0.5);
    row("broken", 0.5, 0.5, "reading", "loss", 0.1, -0.9).put("error", "it broke");
    assertThat(verdict().choices()).extracting(c -> c.best().method()).containsExactly("good");
    assertThat(verdict().text()).contains("1 of 3 cells ended as errors");
  }

  @Test
  void saysSoWhenThereIsNothingToChooseFrom() {
    assertThat(verdict().choices()).isEmpty();
    assertThat(verdict().text()).startsWith("There is nothing to choose from");
  }
}
