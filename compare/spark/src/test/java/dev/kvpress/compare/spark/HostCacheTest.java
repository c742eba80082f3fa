package dev.kvpress.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(strings = {"another text", "a longer one than it was", ""})
  void fillsAnewWhatWasChanged(String text) throws Exception {
    List<String> notices = new ArrayList<>();
    HostCache cache = new HostCache(root, notices::add);
    HostCache.Content content = part -> Files.writeString(part.resolve("data"), "a whole text");
    Path data = cache.folder("files", content).resolve("data");
    assertThat(cache.folder("files", content).resolve("data")).hasContent("a whole text");
    assertThat(notices).isEmpty();
    Files.writeString(data, text);
    Files.setLastModifiedTime(data, FileTime.fromMillis(1000));
    assertThat(cache.folder("files", content).resolve("data")).hasContent("a whole text");
    assertThat(notices)
        .singleElement()
        .asString()
        .contains(root.resolve("files").toString(), "data", "it is filled anew");
    assertThat(root).isDirectoryNotContaining("glob:**.part*");
  }

  @Test
  void readsInAnotherProcessWhatHasKeptLengthAndTime() throws Exception {
    Path folder = Files.createDirectory(root.resolve("data"));
    Path file = Files.writeString(folder.resolve("q.jsonl"), "an answer");
    FolderList.write(folder);
    FileTime time = Files.getLastModifiedTime(file);
    Files.writeString(file, "no answer");
    Files.setLastModifiedTime(file, time);
    assertThat(FolderList.difference(folder, true)).contains("q.jsonl was changed");
    Files.writeString(file, "an answer");
    // The same content at another time is the same.
    assertThat(FolderList.difference(folder, false)).isEmpty();
  }

  @Test
  void knowsWhatIsMissingAndWhatDoesNotBelongThere() throws Exception {
    Path folder = Files.createDirectory(root.resolve("data"));
    assertThat(FolderList.difference(folder, true)).contains("it has no list of its files");
    Files.writeString(folder.resolve("a"), "a");
    FolderList.write(folder);
    Files.writeString(folder.resolve("b"), "b");
    assertThat(FolderList.difference(folder, true)).contains("b does not belong there");
    Files.delete(folder.resolve("b"));
    Files.delete(folder.resolve("a"));
    assertThat(FolderList.difference(folder, true)).contains("a is missing");
  }

  @Test
  void saysWhatIsNoFolder() throws Exception {
    Path file = Files.writeString(root.resolve("file"), "");
    assertThatThrownBy(() -> new HostCache(file).folder("model", part -> {}))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(
            "--host-cache: cannot fill %s: expected a folder that can be written, found the file %s"
                .formatted(file.resolve("model"), file));
  }

  @Test
  void knowsTheHomeOfWhoeverRuns() {
    assertThat(HostCache.path("~/a/b"))
        .isEqualTo(Path.of(System.getProperty("user.home"), "a", "b"));
    assertThat(HostCache.path("/a~/b")).isEqualTo(Path.of("/a~/b"));
  }
}
