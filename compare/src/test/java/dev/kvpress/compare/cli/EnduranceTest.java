package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is killed again and again comes to the same end. {@code -Dkvpress.kills=20} kills more
 * often.
 */
@Tag("long")
class EnduranceTest {
  private static final int KILLS = Integer.getInteger("kvpress.kills", 4);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @Test
  void afterKillsAtRandomMomentsNothingIsLostDoubledOrTorn() throws Exception {
    Random random = new Random(5);
    Path journal = folder.resolve("killed/journal.jsonl");
    int before = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Process run = start("killed");
      // Somewhere between the start of the machine and the last piece of work.
      if (!run.waitFor(900 + random.nextInt(1600), TimeUnit.MILLISECONDS)) {
        run.destroyForcibly().waitFor();
      }
      int after = wholeLines(journal);
      assertThat(after).isGreaterThanOrEqualTo(before);
      before = after;
    }

    assertThat(start("killed").waitFor()).as("the run after the kills").isZero();
    assertThat(start("whole").waitFor()).as("the uninterrupted run").isZero();

    List<String> keys = new ArrayList<>();
    for (String line : Files.readAllLines(journal)) {
      keys.add(JSON.readTree(line).get("key").asText());
    }
    assertThat(keys).hasSize(OwnProcess.WORK).doesNotHaveDuplicates();
    for (String file : List.of("samples.jsonl", "maps.jsonl", "texts.jsonl")) {
      assertThat(folder.resolve("killed").resolve(file))
          .hasSameTextualContentAs(folder.resolve("whole").resolve(file));
    }
  }

  /** Lines that a resume can use; only the last may be torn. */
  private static int wholeLines(Path journal) throws IOException {
    if (!Files.exists(journal)) {
      return 0;
    }
    String text = Files.readString(journal);
    String whole = text.substring(0, text.lastIndexOf('\n') + 1);
    Set<String> keys = new HashSet<>();
    for (String line : whole.lines().toList()) {
      JsonNode parsed = JSON.readTree(line);
      assertThat(keys.add(parsed.get("key").asText())).as("each piece of work once").isTrue();
    }
    return keys.size();
  }

  private Process start(String output) throws IOException {
    ProcessBuilder process = OwnProcess.of(folder, output, "--quiet");
    // As a service would start it: the class path is long, and the engine must stand that.
    process.environment().remove("ORT_DISABLE_TELEMETRY");
    return process.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
  }
}
