package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheFillingTest extends AtHome {
  @TempDir Path folder;

  private Run compare(String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--methods",
                "baseline",
                "knorm",
                "--compression-ratio",
                "0.5",
                "--tasks",
                "perplexity",
                "--max-samples",
                "1",
                "--max-length",
                "200",
                "--weights",
                "int4",
                "--cache-dir",
                cache().toString(),
                "--output",
                folder.resolve("out").toString()));
    all.addAll(Arrays.asList(arguments));
    return Run.of(all.toArray(new String[0]));
  }

  private Path cache() {
    return folder.resolve("cache");
  }

  /** Everything that was exported, with the time at which it was written. */
  private Map<Path, Object> content() throws Exception {
    Map<Path, Object> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(cache())) {
      // What lies above the exports are hashes by time of change.
      for (Path file : files.filter(f -> cache().relativize(f).getNameCount() == 2).toList()) {
        content.put(cache().relativize(file), Files.getLastModifiedTime(file));
      }
    }
    return content;
  }

  @Test
  void aRunFindsTheModelAndItsReferenceExported() throws Exception {
    Run filling = compare("--fill-cache");

    assertThat(filling.err()).contains("weights as int4 and f32");
    assertThat(filling.code()).isZero();
    assertThat(filling.out()).contains("cell: knorm", "task: perplexity");
    assertThat(folder.resolve("out")).doesNotExist();
    Map<Path, Object> filled = content();

    assertThat(compare().code()).isZero();

    assertThat(content()).isEqualTo(filled);
  }

  @Test
  void whatTheRunWouldNotExportIsNotExported() throws Exception {
    Run filling = compare("--fill-cache", "--reference-weights", "none");

    assertThat(filling.err()).endsWith("weights as int4\n");
    try (Stream<Path> entries = Files.list(cache())) {
      assertThat(entries.filter(Files::isDirectory)).hasSize(1);
    }
  }
}
