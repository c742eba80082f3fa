package dev.kvpress.runtime.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.presses.testing.CompiledSources;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What docs/library.md shows is what lies in docs/examples/library, and that runs. {@code
 * bin/check-artefacts} builds it as a project outside.
 */
class LibraryPageTest {
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root"));
  private static final Path EXAMPLE = ROOT.resolve("docs/examples/library");
  private static final Pattern BLOCK =
      Pattern.compile("<!-- file: (.+?) -->\n```[a-z]+\n(.*?)```", Pattern.DOTALL);
  private static final Pattern COMPILED =
      Pattern.compile("<!-- compiled -->\n```java\n(.*?)\n(try .*?)```", Pattern.DOTALL);
  private static final Pattern VERSION = Pattern.compile("<version>([^<]*)</version>");
  private static final Pattern OUTPUT =
      Pattern.compile("(.+)\n(\\d+) of (\\d+) tokens kept\n", Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void showsTheFilesOfTheExample() throws Exception {
    Map<String, String> shown = new LinkedHashMap<>();
    Matcher block = BLOCK.matcher(Files.readString(ROOT.resolve("docs/library.md")));
    while (block.find()) {
      shown.put(block.group(1), block.group(2));
    }

    assertThat(shown)
        .containsOnlyKeys("pom.xml", "src/main/java/com/example/story/Storyteller.java");
    for (Map.Entry<String, String> file : shown.entrySet()) {
      assertThat(EXAMPLE.resolve(file.getKey())).hasContent(file.getValue());
    }
  }

  @Test
  void asksForTheVersionsOfThisCheckout() throws Exception {
    String build = Files.readString(ROOT.resolve("pom.xml"));
    String page = Files.readString(ROOT.resolve("docs/library.md"));
    Matcher ours = VERSION.matcher(build);
    assertThat(ours.find()).isTrue();

    assertThat(Files.readString(EXAMPLE.resolve("pom.xml")))
        .containsPattern("<artifactId>kvpress-bom</artifactId>\\s*" + Pattern.quote(ours.group()));
    assertThat(page).contains("platform(\"dev.kvpress:kvpress-bom:" + ours.group(1) + "\")");
    assertThat(page)
        .containsPattern(
            "<artifactId>onnxruntime_gpu</artifactId>\\s*<version>"
                + Pattern.quote(property(build, "onnxruntime.version"))
                + "<")
        .containsPattern(
            "<artifactId>langchain4j</artifactId>.*\\s*<version>"
                + Pattern.quote(property(build, "langchain4j.version"))
                + "<");
  }

  private static String property(String pom, String name) {
    Matcher found = Pattern.compile("<" + Pattern.quote(name) + ">([^<]+)<").matcher(pom);
    assertThat(found.find()).as(name).isTrue();
    return found.group(1);
  }

  @Test
  void itsLangChainLinesCompile() throws Exception {
    Matcher lines = COMPILED.matcher(Files.readString(ROOT.resolve("docs/library.md")));
    assertThat(lines.find()).isTrue();
    Path sources = Files.createDirectories(folder.resolve("langchain"));
    Files.writeString(
        sources.resolve("Service.java"),
        """
        import dev.kvpress.runtime.decode.DecoderOptions;
        import dev.kvpress.runtime.generate.*;
        import dev.kvpress.runtime.langchain4j.*;
        import dev.langchain4j.memory.chat.MessageWindowChatMemory;
        import dev.langchain4j.model.chat.ChatModel;
        import dev.langchain4j.service.*;
        import java.nio.file.Path;

        final class Service {
          %s
          static void run() {
            %s
          }
        }
        """
            .formatted(lines.group(1), lines.group(2)));

    CompiledSources.of(sources, folder.resolve("classes")).close();
  }

  @Test
  void theExampleTellsAStoryOnASmallerCache() throws Exception {
    String prompt =
        "In Pinewold there lived a plump smith called Ida, known for courage. ".repeat(4);
    String[] arguments = {
      ROOT.resolve("test-data/models/demo").toString(), folder.resolve("cache").toString(), prompt
    };
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    PrintStream before = System.out;

    try (CompiledSources sources =
        CompiledSources.of(EXAMPLE.resolve("src"), folder.resolve("classes"))) {
      System.setOut(new PrintStream(told, true, StandardCharsets.UTF_8));
      sources
          .loadClass("com.example.story.Storyteller")
          .getMethod("main", String[].class)
          .invoke(null, (Object) arguments);
    } finally {
      System.setOut(before);
    }

    Matcher output =
        OUTPUT.matcher(told.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n"));
    assertThat(output.matches()).as(told.toString(StandardCharsets.UTF_8)).isTrue();
    assertThat(output.group(1)).isNotBlank();
    double kept = Double.parseDouble(output.group(2)) / Integer.parseInt(output.group(3));
    assertThat(kept).isCloseTo(0.4, within(0.01));
  }
}
