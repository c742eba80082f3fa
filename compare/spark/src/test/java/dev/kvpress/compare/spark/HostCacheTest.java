package dev.kvpress.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostCacheTest {
  @TempDir Path root;

  @Test
  void fillsAFolderOnce() throws Exception {
    AtomicInteger fillings = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread thread =
          new Thread(
              () ->
                  new HostCache(root)
                      .folder(
                          "model",
                          part -> {
                            fillings.incrementAndGet();
                            Files.writeString(part.resolve("weights"), "whole");
                          }));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(fillings).hasValue(1);
    assertThat(root.resolve("model/weights")).hasContent("whole");
  }

  @Test
  void leavesNothingOfAFolderThatCannotBeFilled() throws Exception {
    HostCache cache = new HostCache(root);
    assertThatThrownBy(
            () ->
                cache.folder(
                    "model",
                    part -> {
                      Files.writeString(part.resolve("weights"), "ha");
                      throw new IOException("the line is cut");
                    }))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("model")
        .hasMessageContaining("the line is cut");
    assertThat(root.resolve("model")).doesNotExist();
    Path again = cache.folder("model", part -> Files.writeString(part.resolve("weights"), "whole"));
    assertThat(again.resolve("weights")).hasContent("whole");
  }

  @Test
  void clearsWhatAKilledProcessHasLeft() throws Exception {
    Files.createDirectories(root.resolve("model.part123"));
    Files.writeString(root.resolve("model.part123/weights"), "half");
    Path folder =
        new HostCache(root)
            .folder("model", part -> Files.writeString(part.resolve("weights"), "whole"));
    assertThat(folder.resolve("weights")).hasContent("whole");
    assertThat(root.resolve("model.part123")).doesNotExist();
  }

  @Test
  void knowsTheHomeOfWhoeverRuns() {
    assertThat(HostCache.path("~/a/b"))
        .isEqualTo(Path.of(System.getProperty("user.home"), "a", "b"));
    assertThat(HostCache.path("/a~/b")).isEqualTo(Path.of("/a~/b"));
  }
}
