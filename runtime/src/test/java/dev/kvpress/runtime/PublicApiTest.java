package dev.kvpress.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.testdata.api.ApiList;
import dev.kvpress.testdata.api.MissingComments;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who compiles against this module is told of every change, and of what things are. */
class PublicApiTest {
  private static final Set<String> GENERATED =
      Set.of("dev.kvpress.runtime.onnx", "dev.kvpress.runtime.text.sentencepiece.proto");

  @Test
  void isTheOneInTheList() {
    assertThat(ApiList.of("runtime", ModelException.class, GENERATED).difference())
        .as(
            "API that differs from docs/api/runtime.txt; bin/update-api writes it, CHANGELOG tells it")
        .isEmpty();
  }

  @Test
  void isExplained() {
    Path sources = Path.of(System.getProperty("kvpress.root"), "runtime", "src/main/java");
    assertThat(MissingComments.in(sources)).as("public without a Javadoc comment").isEmpty();
  }
}
