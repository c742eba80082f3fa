package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.testing.CompiledSources;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/adding-a-press.md tells a newcomer to type compiles, passes and is found by name. */
class AddingAPressPageTest {
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root"));
  private static final Pattern BLOCK =
      Pattern.compile("<!-- (file|after): (.+?) -->\n```java\n(.*?)```", Pattern.DOTALL);
  private static final String CATALOGUE =
      "presses/src/main/java/dev/kvpress/presses/BuiltInPresses.java";
  private static final String TEST = "dev.kvpress.presses.scorer.ValueNormPressTest";

  @TempDir Path folder;

  @Test
  void whatThePageSaysWorks() throws Exception {
    Map<String, String> files = new LinkedHashMap<>();
    String catalogue = Files.readString(ROOT.resolve(CATALOGUE));
    Matcher block = BLOCK.matcher(Files.readString(ROOT.resolve("docs/adding-a-press.md")));
    while (block.find()) {
      if (block.group(1).equals("file")) {
        files.put(block.group(2), block.group(3));
      } else {
        assertThat(catalogue).contains(block.group(2));
        catalogue = catalogue.replace(block.group(2), block.group(2) + "\n" + block.group(3));
      }
    }
    assertThat(files).hasSize(2);
    files.put(
        CATALOGUE,
        catalogue.replaceFirst(
            "\nimport ", "\nimport dev.kvpress.presses.scorer.ValueNormPress;\nimport "));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path target = folder.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.writeString(target, file.getValue());
    }

    try (CompiledSources sources = CompiledSources.of(folder, folder.resolve("classes"))) {
      // The contract and the page's own test.
      assertThat(sources.run(TEST)).isGreaterThan(15);
      Class<?> catalog = sources.loadClass("dev.kvpress.presses.spec.PressCatalog");
      Object loaded = catalog.getMethod("load").invoke(null);
      Method make = catalog.getMethod("make", String.class);
      assertThat(make.invoke(loaded, "adakv(value_norm(n_sink=1))"))
          .asString()
          .contains("adakv(value_norm(n_sink=1))");
    }
  }

  @Test
  void theExampleInAJarKeepsTheContract() throws Exception {
    Path example = ROOT.resolve("docs/examples/press-jar/src");

    try (CompiledSources sources = CompiledSources.of(example, folder.resolve("classes"))) {
      assertThat(sources.run("com.example.press.EvenlySpreadPressTest")).isGreaterThan(15);
    }
  }
}
