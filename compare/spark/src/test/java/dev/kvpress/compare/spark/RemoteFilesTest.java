package dev.kvpress.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A foreign scheme is Hadoop's view of folders of this host under other names. */
class RemoteFilesTest {
  private static final String URI = "viewfs://elsewhere/store/";

  @TempDir Path folder;
  private Path store;
  private HostCache cache;
  private RemoteFiles remote;

  @BeforeEach
  void mount() throws Exception {
    store = Files.createDirectory(folder.resolve("there"));
    cache = new HostCache(folder.resolve("cache"));
    Configuration configuration = new Configuration();
    configuration.set("fs.viewfs.mounttable.elsewhere.link./store", store.toUri().toString());
    configuration.set("fs.viewfs.impl.disable.cache", "true");
    remote = new RemoteFiles(configuration);
  }

  private void write(String name, String text) throws Exception {
    Path file = store.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void fetchesAFolderUnderItsOwnName() throws Exception {
    write("models/demo/config.json", "{}");
    write("models/demo/presses/a.bin", "tensor");
    Path fetched = remote.fetch(URI + "models/demo", cache);
    assertThat(fetched.getFileName()).hasToString("demo");
    assertThat(fetched.resolve("config.json")).hasContent("{}");
    assertThat(fetched.resolve("presses/a.bin")).hasContent("tensor");
  }

  @Test
  void fetchesAFileUnderItsOwnName() throws Exception {
    write("data/stories.jsonl", "a story");
    assertThat(remote.fetch(URI + "data/stories.jsonl", cache))
        .hasFileName("stories.jsonl")
        .hasContent("a story");
  }

  @Test
  void fetchesOnceAndAnewWhatHasChanged() throws Exception {
    write("data/stories.jsonl", "a story");
    Path first = remote.fetch(URI + "data/stories.jsonl", cache);
    assertThat(remote.fetch(URI + "data/stories.jsonl", cache)).isEqualTo(first);
    write("data/stories.jsonl", "b story");
    Files.setLastModifiedTime(store.resolve("data/stories.jsonl"), FileTime.fromMillis(1000));
    Path second = remote.fetch(URI + "data/stories.jsonl", cache);
    assertThat(second).isNotEqualTo(first).hasContent("b story");
    assertThat(first).hasContent("a story");
  }

  @Test
  void fetchesAnewWhereNothingTellsWhatHasChanged() throws Exception {
    write("data/stories.jsonl", "a story");
    Files.setLastModifiedTime(store.resolve("data/stories.jsonl"), FileTime.fromMillis(0));
    Path first = remote.fetch(URI + "data/stories.jsonl", cache);
    Files.writeString(store.resolve("data/stories.jsonl"), "b story");
    Files.setLastModifiedTime(store.resolve("data/stories.jsonl"), FileTime.fromMillis(0));
    assertThat(remote.fetch(URI + "data/stories.jsonl", cache)).hasContent("b story");
    assertThat(first).hasContent("a story");
  }

  @Test
  void namesWhatIsNotThere() {
    assertThatThrownBy(() -> remote.fetch(URI + "models/none", cache))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(URI + "models/none: cannot read it: there is no such file or folder");
  }

  @Test
  void bringsResultsThereAndBack() throws Exception {
    Path results = Files.createDirectories(folder.resolve("results"));
    Files.writeString(results.resolve("journal.jsonl"), "one line");
    Files.writeString(results.resolve(".lock"), "of this machine");
    Map<String, String> written = new HashMap<>();
    remote.push(results, URI + "out/run", written);
    Files.writeString(results.resolve("journal.jsonl"), "two lines");
    Files.createDirectories(results.resolve("maps"));
    Files.writeString(results.resolve("maps/a.json"), "map");
    remote.push(results, URI + "out/run", written);
    try (var files = Files.list(store.resolve("out/run"))) {
      assertThat(files.filter(file -> !file.toString().endsWith(".crc")))
          .extracting(file -> file.getFileName().toString())
          .containsExactlyInAnyOrder("journal.jsonl", "maps");
    }
    Path back = Files.createDirectories(folder.resolve("back"));
    remote.pull(URI + "out/run", back);
    assertThat(back.resolve("journal.jsonl")).hasContent("two lines");
    assertThat(back.resolve("maps/a.json")).hasContent("map");
    assertThat(back.resolve(".lock")).doesNotExist();
  }

  @Test
  void writesOnlyWhatHasChanged() throws Exception {
    Path results = Files.createDirectories(folder.resolve("results"));
    Files.writeString(results.resolve("plan.json"), "plan");
    Files.writeString(results.resolve("journal.jsonl"), "one line");
    Map<String, String> written = new HashMap<>();
    remote.push(results, URI + "out/run", written);
    Files.writeString(store.resolve("out/run/plan.json"), "left alone");
    Files.deleteIfExists(store.resolve("out/run/.plan.json.crc"));
    Files.writeString(results.resolve("journal.jsonl"), "two lines");
    remote.push(results, URI + "out/run", written);
    assertThat(store.resolve("out/run/plan.json")).hasContent("left alone");
    assertThat(store.resolve("out/run/journal.jsonl")).hasContent("two lines");
  }

  @Test
  void keepsALongerJournalThatARunOfThisHostCouldNotWriteThere() throws Exception {
    write("out/journal.jsonl", "one line");
    write("out/results.json", "there");
    Path here = Files.createDirectories(folder.resolve("here"));
    Files.writeString(here.resolve("journal.jsonl"), "two lines, and more");
    Files.writeString(here.resolve("results.json"), "here, and longer");
    remote.pull(URI + "out", here);
    assertThat(here.resolve("journal.jsonl")).hasContent("two lines, and more");
    assertThat(here.resolve("results.json")).hasContent("there");
  }

  @Test
  void takesTheNewFileOfAWriterThatWasStoppedBetweenTwoNames() throws Exception {
    write("out/journal.jsonl.part", "all lines");
    write("out/results.json", "old");
    write("out/results.json.part", "ne");
    Path back = Files.createDirectories(folder.resolve("back"));
    remote.pull(URI + "out", back);
    assertThat(back.resolve("journal.jsonl")).hasContent("all lines");
    assertThat(back.resolve("results.json")).hasContent("old");
    assertThat(back.resolve("journal.jsonl.part")).doesNotExist();
  }

  @Test
  void pullsNothingFromWhereNothingIsYet() throws Exception {
    Path back = Files.createDirectories(folder.resolve("back"));
    remote.pull(URI + "out/new", back);
    assertThat(back).isEmptyDirectory();
  }

  @Test
  void twoRunsDoNotWriteToOneOutput() {
    try (OutputClaims first = new OutputClaims(remote.configuration());
        OutputClaims second = new OutputClaims(remote.configuration())) {
      first.claim(URI + "out/claimed");
      assertThatThrownBy(() -> second.claim(URI + "out/claimed"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("another run on ")
          .hasMessageContaining(URI + "out/claimed");
      first.requireOwn(URI + "out/claimed");
    }
  }

  @Test
  void anOutputThatWasLeftIsFree() {
    try (OutputClaims first = new OutputClaims(remote.configuration())) {
      first.claim(URI + "out/left");
    }
    try (OutputClaims second = new OutputClaims(remote.configuration())) {
      second.claim(URI + "out/left");
      second.requireOwn(URI + "out/left");
    }
  }

  @Test
  void aRunThatWasTakenForDeadWritesNoMore() throws Exception {
    try (OutputClaims first = new OutputClaims(remote.configuration())) {
      first.claim(URI + "out/lost");
      Files.writeString(store.resolve("out/lost/.kvpress-run"), "other a-token 3");
      Files.deleteIfExists(store.resolve("out/lost/..kvpress-run.crc"));
      assertThatThrownBy(() -> first.requireOwn(URI + "out/lost"))
          .hasMessageContaining("another run on other");
    }
  }

  @Test
  void putsPathsInPlaceOfUris() {
    List<String> arguments =
        List.of(
            "--model",
            "s3a://b/m",
            "--data-path",
            "qa=hdfs://n:9/d.jsonl",
            "here.txt",
            "--data-path=perplexity=file:///x",
            "--output",
            "s3a://b/out",
            "--methods",
            "h2o(press=knorm)",
            "--output=s3a://b/o");
    assertThat(LocalArguments.of(arguments, uri -> "<" + uri + ">"))
        .containsExactly(
            "--model",
            "<s3a://b/m>",
            "--data-path",
            "qa=<hdfs://n:9/d.jsonl>",
            "here.txt",
            "--data-path=perplexity=<file:///x>",
            "--output",
            "s3a://b/out",
            "--methods",
            "h2o(press=knorm)",
            "--output=s3a://b/o");
  }
}
