package dev.kvpress.compare.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.report.FolderFixture;
import dev.kvpress.compare.report.folder.Cell;
import dev.kvpress.compare.report.folder.Limits;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.verdict.Choice;
import dev.kvpress.compare.report.verdict.Verdict;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCellsTest {
  @TempDir Path temp;

  @Test
  void whatTheVerdictNamesStaysWhenRowsAreLeftOut() {
    ResultFolder folder = ResultFolder.read(FolderFixture.full(temp).write(), Limits.NONE);
    Verdict verdict = Verdict.of(folder);
    PageCells all = PageCells.of(folder, verdict);
    assertThat(all.cells()).isEqualTo(folder.cells());
    assertThat(all.notice()).isEmpty();

    PageCells part = PageCells.of(folder, verdict, 12);

    assertThat(part.cells()).hasSizeBetween(10, 15);
    assertThat(part.cells()).containsAll(verdict.choices().stream().map(Choice::best).toList());
    assertThat(part.cells()).containsAll(folder.cells().stream().filter(Cell::isBaseline).toList());
    assertThat(part.notice())
        .hasValueSatisfying(
            text -> assertThat(text).contains("of " + folder.cells().size() + " rows are shown"));
  }
}
