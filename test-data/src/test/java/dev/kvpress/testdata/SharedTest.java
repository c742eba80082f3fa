package dev.kvpress.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedTest {
  @TempDir Path folder;

  @Test
  void findsWhatLiesBelowTheFolder() throws Exception {
    Path model = Files.createDirectories(folder.resolve("models/tiny"));
    assertThat(Shared.find(folder.toString(), "models/tiny")).contains(model);
  }

  @Test
  void isEmptyWhereTheFileOrThePropertyIsMissing() {
    assertThat(Shared.find(folder.toString(), "models/absent")).isEmpty();
    assertThat(Shared.find(null, "models")).isEmpty();
    assertThat(Shared.find(" ", "models")).isEmpty();
  }
}
