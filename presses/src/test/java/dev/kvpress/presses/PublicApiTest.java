package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.testdata.api.ApiList;
import dev.kvpress.testdata.api.MissingComments;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who compiles against this module is told of every change, and of what things are. */
class PublicApiTest {
  @Test
  void isTheOneInTheList() {
    assertThat(ApiList.of("presses", Press.class, Set.of()).difference())
        .as(
            "API that differs from docs/api/presses.txt; bin/update-api writes it, CHANGELOG tells it")
        .isEmpty();
  }

  @Test
  void isExplained() {
    Path sources = Path.of(System.getProperty("kvpress.root"), "presses", "src/main/java");
    assertThat(MissingComments.in(sources)).as("public without a Javadoc comment").isEmpty();
  }
}
