package dev.kvpress.compare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bin/compare} and {@code bin/bench} themselves under {@code LANG=C}, the usual state of a
 * container, with names beyond ASCII. The scripts run in a copy of the repository's outline whose
 * build is this test's class path.
 */
class LocaleTest {
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root"));

  @TempDir Path folder;

  @BeforeEach
  void copyTheScripts() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no bash");
    Path target = folder.resolve("home/compare/target");
    Files.createDirectories(target.resolve("lib"));
    Files.createDirectories(target.resolve("classes"));
    Path bin = Files.createDirectories(folder.resolve("home/bin"));
    for (String name : new String[] {"compare", "bench"}) {
      Files.copy(ROOT.resolve("bin").resolve(name), bin.resolve(name));
    }
    Files.writeString(folder.resolve("home/pom.xml"), "");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(
            Attributes.Name.CLASS_PATH,
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" ")));
    try (OutputStream file = Files.newOutputStream(target.resolve("lib/all.jar"));
        JarOutputStream jar = new JarOutputStream(file, manifest)) {
      jar.finish();
    }
    Files.writeString(
        target.resolve("compare.stamp"), " " + System.getProperty("java.home") + "/bin/java");
  }

  /** Runs lines of bash; they stand in a file, since this Java may not know the names either. */
  private String bash(String locale, String lines) throws Exception {
    Path script = folder.resolve("script");
    Files.writeString(script, "cd " + folder + "\nexec 2>&1\n" + lines, UTF_8);
    ProcessBuilder process = new ProcessBuilder("/bin/bash", script.toString());
    process.environment().keySet().removeIf(name -> name.startsWith("LC_"));
    process.environment().put("LANG", locale);
    process.environment().put("JAVA_HOME", System.getProperty("java.home"));
    process.environment().remove("KVPRESS_PROFILE");
    process.redirectErrorStream(true);
    Process running = process.start();
    running.getOutputStream().close();
    String out = new String(running.getInputStream().readAllBytes(), UTF_8);
    return out + "exit " + running.waitFor();
  }

  @Test
  void namesBeyondAsciiAreFoundUnderPlainC() throws Exception {
    String out =
        bash(
            "C",
            """
            ln -s '%s' 'modèle ä'
            cp '%s' 'texte ž.jsonl'
            export KVPRESS_JAVA_OPTS='-Duser.language=ar -Duser.country=EG -Duser.timezone=Asia/Kathmandu'
            home/bin/compare --methods knorm --compression-ratio 0.5 --model 'modèle ä' \\
              --data-path 'texte ž.jsonl' --max-samples 1 --cache-dir 'cache 日本' --output 'out ü'
            code=$?
            [ -f 'out ü/results.json' ] && grep -q 'texte ž.jsonl' 'out ü/run.json' && echo 'all there'
            [ -d 'cache 日本' ] && echo 'cache there'
            exit $code
            """
                .formatted(
                    ROOT.resolve("test-data/models/demo"),
                    ROOT.resolve("test-data/datasets/stories.jsonl")));

    assertThat(out).endsWith("exit 0").contains("all there", "cache there");
    assertThat(out).contains("results are in out ü", "| knorm ").contains("0.5");
  }

  @Test
  void benchSeesToItToo() throws Exception {
    String out = bash("POSIX", "home/bin/bench model --help; echo done\n");

    assertThat(out).contains("done", "exit 0", "Usage");
  }
}
