package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.testing.CompiledSources;
import dev.kvpress.runtime.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What docs/adding-an-architecture.md tells a newcomer to type compiles and gives right numbers.
 */
class AddingAnArchitecturePageTest {
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root"));
  private static final Path EXAMPLE = ROOT.resolve("docs/examples/architecture");
  private static final Pattern BLOCK =
      Pattern.compile("<!-- (file|after): (.+?) -->\n```java\n(.*?)```", Pattern.DOTALL);
  private static final String CATALOGUE =
      "runtime/src/main/java/dev/kvpress/runtime/export/architecture/Architectures.java";

  @TempDir Path folder;

  @Test
  void whatThePageSaysWorks() throws Exception {
    Map<String, String> files = new LinkedHashMap<>();
    String catalogue = Files.readString(ROOT.resolve(CATALOGUE));
    Matcher block = BLOCK.matcher(Files.readString(ROOT.resolve("docs/adding-an-architecture.md")));
    while (block.find()) {
      if (block.group(1).equals("file")) {
        files.put(block.group(2), block.group(3));
      } else {
        assertThat(catalogue).contains(block.group(2));
        catalogue = catalogue.replace(block.group(2), block.group(2) + "\n" + block.group(3));
      }
    }
    assertThat(files).hasSize(1);
    files.put(CATALOGUE, catalogue);
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path target = folder.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.writeString(target, file.getValue());
    }

    System.setProperty(ReferenceFolders.PROPERTY, EXAMPLE.toString());
    try (CompiledSources sources = CompiledSources.of(folder, folder.resolve("classes"))) {
      // Both forms of attention on the page's folder.
      assertThat(sources.run(ArchitectureReferenceTest.class.getName())).isEqualTo(2);
    } finally {
      System.clearProperty(ReferenceFolders.PROPERTY);
    }
  }

  @Test
  void withoutThePageTheModelIsRefused() {
    assertThatThrownBy(() -> Checkpoint.open(EXAMPLE.resolve("lantern")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("LanternForCausalLM is not supported");
  }
}
