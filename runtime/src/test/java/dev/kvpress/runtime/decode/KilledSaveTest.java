package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.saved.SavedContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed while it saves leaves a whole file or none. */
class KilledSaveTest {
  private static final int ROUNDS = 4;
  private static final long SEED = 14;

  @TempDir Path folder;

  /** Saves one context after another until it is killed. */
  static final class Saving {
    private Saving() {}

    public static void main(String[] args) throws IOException {
      Path folder = Path.of(args[0]);
      try (DecoderModel model =
              DecoderModel.open(
                  Path.of("..", "test-data", "models", "demo"),
                  DecodeFixtures.oneThread(folder.resolve("models")));
          Context context = model.start(1, Set.of())) {
        context.prefill(SavedContextTest.text(0, 400), 100);
        Files.createFile(folder.resolve("begun" + args[1]));
        while (true) {
          context.save(folder.resolve("context.safetensors"));
        }
      }
    }
  }

  @Test
  void leavesAWholeFileOrNone() throws Exception {
    Random random = new Random(SEED);
    Path file = folder.resolve("context.safetensors");
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Process saving = start(round);
      try {
        // Every other round kills it while it writes over a file, the rest at its first one.
        await(saving, round % 2 == 0 ? file : folder.resolve("begun" + round));
        Thread.sleep(random.nextInt(200));
      } finally {
        saving.destroyForcibly();
        assertThat(saving.waitFor(20, TimeUnit.SECONDS)).isTrue();
      }
      if (Files.exists(file)) {
        assertThat(SavedContext.open(file).card().model()).isEqualTo("demo");
        found++;
        Files.delete(file);
      }
    }
    assertThat(found).as("rounds that left a file").isPositive();
  }

  private static void await(Process saving, Path file) throws InterruptedException {
    while (!Files.exists(file)) {
      assertThat(saving.isAlive()).as("the process that saves").isTrue();
      Thread.sleep(5);
    }
  }

  private Process start(int round) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Saving.class.getName(),
            folder.toString(),
            String.valueOf(round));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
