package dev.kvpress.compare.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.testing.CompiledSources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/adding-a-dataset.md tells a newcomer to type compiles, and its test passes. */
class AddingADatasetPageTest {
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root"));
  private static final Pattern FILE =
      Pattern.compile("<!-- file: (.+?) -->\n```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINE =
      Pattern.compile(
          "<!-- after: (.+?) -->\n<!-- line: (.+?) -->\n```java\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void whatThePageSaysWorks() throws Exception {
    String page = Files.readString(ROOT.resolve("docs/adding-a-dataset.md"));
    Map<String, String> files = new LinkedHashMap<>();
    for (Matcher block = FILE.matcher(page); block.find(); ) {
      files.put(block.group(1), block.group(2));
    }
    assertThat(files).hasSize(2);
    Matcher line = LINE.matcher(page);
    assertThat(line.find()).isTrue();
    String catalogue = Files.readString(ROOT.resolve(line.group(1)));
    assertThat(catalogue).contains(line.group(2));
    files.put(
        line.group(1),
        catalogue
            .replace(line.group(2), line.group(2) + "\n" + line.group(3))
            .replaceFirst(
                "\nimport ", "\nimport dev.kvpress.compare.shape.question.Riddles;\nimport "));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path target = folder.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.writeString(target, file.getValue());
    }

    try (CompiledSources sources = CompiledSources.of(folder, folder.resolve("classes"))) {
      assertThat(sources.run("dev.kvpress.compare.shape.question.RiddlesTest")).isEqualTo(1);
    }
  }
}
