package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Presses from outside: the example of the documentation, and jars with something wrong. */
class PressJarTest extends AtHome {
  private static final Path EXAMPLE = ROOT.resolve("docs/examples/press-jar/src/main");
  private static final String SERVICE = "META-INF/services/dev.kvpress.presses.spec.PressProvider";

  @TempDir Path folder;

  private Path example() throws Exception {
    return PressJarFile.make(
        folder, "press.jar", EXAMPLE.resolve("java"), EXAMPLE.resolve("resources"));
  }

  /** A jar with one provider, whose method has this body. */
  private Path provider(String name, String body) throws Exception {
    Path sources = Files.createDirectories(folder.resolve(name + ".sources"));
    Path resources = Files.createDirectories(folder.resolve(name + ".resources"));
    Files.writeString(
        sources.resolve("Odd.java"),
        """
        import dev.kvpress.presses.spec.*;
        import java.util.List;
        public class Odd implements PressProvider {
          public List<PressDescriptor> presses() { %s }
        }
        """
            .formatted(body));
    Path service = resources.resolve(SERVICE);
    Files.createDirectories(service.getParent());
    Files.writeString(service, "Odd\n");
    return PressJarFile.make(folder, name, sources, resources);
  }

  @Test
  void aPressFromAJarIsComparedLikeAnyOther() throws Exception {
    Run run =
        Run.of(
            "--press-jar",
            example().toString(),
            "--methods",
            "my_press",
            "adakv(evenly_spread)",
            "--evenly-spread-recent-size",
            "4",
            "--compression-ratio",
            "0.5",
            "--tasks",
            "perplexity",
            "--max-samples",
            "1",
            "--cache-dir",
            folder.resolve("cache").toString(),
            "--output",
            folder.resolve("out").toString());

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode cells =
        new ObjectMapper().readTree(folder.resolve("out/results.json").toFile()).get("cells");
    assertThat(cells.at("/1/spec").asText()).isEqualTo("my_press(recent_size=4)");
    assertThat(cells.at("/1/achieved_ratio").asDouble()).isBetween(0.499, 0.502);
    assertThat(cells.at("/2/error").isNull()).isTrue();
  }

  @Test
  void otherCommandsAndFilesOfOptionsTakeJarsToo() throws Exception {
    String jar = example().toString();
    Path config =
        Files.writeString(folder.resolve("run.yaml"), "press_jar: " + jar + "\nmethods: my_pres\n");
    String input =
        "{\"press\":\"my_press(recent_size=0)\",\"compression_ratio\":0.5,\"inputs\":{\"keys\":[[[[1],[2],[3],[4]]]]}}\n";

    assertThat(Run.withInput(input, "score", "--batch", "-", "--press-jar", jar).out())
        .contains("\"kept\":[[[0,2]]]");
    assertThat(Run.of("list", "--press_jar", jar).out()).contains("evenly_spread (also my_press)");
    assertThat(Run.of("--config", config.toString()).err()).contains("did you mean 'my_press'?");
  }

  @Test
  void aPathThatIsNoJarIsRefusedAlone() throws Exception {
    Path text = Files.writeString(folder.resolve("text.jar"), "no zip");

    for (String[] expected :
        new String[][] {
          {folder.resolve("none.jar").toString(), "does not exist"},
          {text.toString(), "is none"},
          {folder.toString(), SERVICE}
        }) {
      Run run = Run.of("--press-jar", expected[0], "--methods", "my_press");
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.errors()).hasSize(1);
      assertThat(run.err()).startsWith("compare: --press-jar: ").contains(expected);
    }
  }

  @Test
  void aNameThatIsTakenIsRefused() throws Exception {
    String line =
        "return List.of(PressDescriptor.named(\"mine\").alias(\"%s\").madeBy(a -> null));";
    Path clash = provider("clash.jar", line.formatted("h2o"));
    Path first = provider("first.jar", line.formatted("other"));

    assertThat(Run.of("list", "--press-jar", clash.toString()).err())
        .contains("press 'h2o' of " + clash + " is there already (built in)");
    assertThat(Run.of("list", "--press-jar", first.toString(), first + "").code()).isZero();
  }

  @Test
  void aProviderThatFailsIsRefusedWithItsReason() throws Exception {
    Path thrown = provider("thrown.jar", "throw new IllegalStateException(\"no licence\");");
    Path nothing = provider("nothing.jar", "return null;");
    Path empty = provider("empty.jar", "return List.of();");

    Run run =
        Run.of("list", "--press-jar", thrown.toString(), nothing.toString(), empty.toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).hasSize(3);
    assertThat(run.err())
        .contains("the provider in " + thrown + " failed: IllegalStateException: no licence")
        .contains("the provider in " + nothing + " failed: NullPointerException")
        .contains("the providers named in " + empty + " give none of their own")
        .doesNotContain("\tat ");
  }

  @Test
  void aProviderThatIsNotThereIsNamed() throws Exception {
    Path service = folder.resolve("classes").resolve(SERVICE);
    Files.createDirectories(service.getParent());
    Files.write(service, "com.example.Missing\n".getBytes(StandardCharsets.UTF_8));

    assertThat(Run.of("list", "--press-jar", folder.resolve("classes").toString()).err())
        .contains("com.example.Missing not found");
  }
}
