package dev.kvpress.compare.report.folder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.report.FolderFixture;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThinnedFolderTest {
  @TempDir Path temp;

  private ResultFolder folder(int methods, int ratios) {
    FolderFixture fixture = FolderFixture.in(temp);
    fixture.metric("recall_accuracy", "recall", "fraction", true, true);
    FolderFixture.figure(
        fixture.cell("baseline", 0.0, "recall", "facts"), "recall_accuracy", 1, null, 0);
    for (int m = 0; m < methods; m++) {
      for (int r = 0; r < ratios; r++) {
        FolderFixture.figure(
            fixture.cell("method " + m, r / 100.0, "recall", "facts"),
            "recall_accuracy",
            m / 1000.0,
            m / 1000.0 - 1,
            0.01);
      }
    }
    return ResultFolder.read(fixture.write(), Limits.NONE);
  }

  @Test
  void whatCanBeDrawnIsDrawn() {
    ResultFolder folder = folder(40, 14);
    assertThat(ThinnedFolder.of(folder)).isSameAs(folder);
  }

  @Test
  void ofManyMethodsTheBestAreDrawnEachWithAPartOfItsCells() {
    ResultFolder folder = folder(60, 30);
    ResultFolder thinned = ThinnedFolder.of(folder);
    assertThat(thinned.cells()).hasSize(1 + 40 * 15);
    assertThat(thinned.cells().get(0).isBaseline()).isTrue();
    // Of the 60 methods the later ones are the better ones.
    assertThat(thinned.cells().get(1).method()).isEqualTo("method 20");
    assertThat(ThinnedFolder.words(folder, thinned, folder.topics().get(0)))
        .hasValueSatisfying(words -> assertThat(words).startsWith("601 of 1,801 cells are drawn"));
  }
}
