package dev.kvpress.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines through a real cluster on loopback to workers that are stand-ins. */
class SparkBridgeTest {
  private static final Pattern CONTEXT = Pattern.compile("\"context\":(\\d+)");

  @TempDir static Path shared;
  private static TestCluster cluster;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    cluster = new TestCluster(shared);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void everyContextComesBackOnce() throws Exception {
    try (BridgeProcess bridge = new BridgeProcess(cluster.master(), folder, List.of())) {
      bridge.open("--model", "here");
      bridge.await("ready", 1);
      for (int i = 0; i < 20; i++) {
        bridge.run(i, "a" + i, "b" + i);
      }
      bridge.await("finished", 20);
      bridge.send("end");
      assertThat(bridge.process().waitFor()).isZero();
      assertThat(bridge.lines("done")).hasSize(40).doesNotHaveDuplicates();
      assertThat(contexts(bridge.lines("finished")))
          .containsExactlyElementsOf(IntStream.range(0, 20).boxed().toList());
      assertThat(bridge.lines("ready").get(0))
          .contains("\"arguments\":[\"--model\",\"here\"]", "\"threads\":1");
    }
  }

  private static List<Integer> contexts(List<String> lines) {
    return List.copyOf(
        new TreeSet<>(
            lines.stream()
                .map(
                    line -> {
                      Matcher matcher = CONTEXT.matcher(line);
                      assertThat(matcher.find()).isTrue();
                      return Integer.valueOf(matcher.group(1));
                    })
                .toList()));
  }
}
