package dev.kvpress.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    pull("out/run", back);
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

  private List<String> pull(String name, Path here) {
    List<String> notices = new ArrayList<>();
    remote.pull(URI + name, here, notices::add);
    return notices;
  }

  private Path workingFolder(String journal) throws Exception {
    Path here = Files.createDirectories(folder.resolve("here"));
    Files.writeString(here.resolve("journal.jsonl"), journal);
    Files.writeString(here.resolve("results.json"), "here, and longer");
    return here;
  }

  @Test
  void keepsAJournalThatGoesOnWhereTheOneThereEnds() throws Exception {
    write("out/journal.jsonl", "one line\n");
    write("out/results.json", "there");
    Path here = workingFolder("one line\ntwo lines\n");
    assertThat(pull("out", here)).isEmpty();
    assertThat(here.resolve("journal.jsonl")).hasContent("one line\ntwo lines\n");
    assertThat(here.resolve("results.json")).hasContent("there");
  }

  @Test
  void takesAJournalThatGoesOnWhereTheOneHereEnds() throws Exception {
    write("out/journal.jsonl", "one line\ntwo lines\n");
    Path here = workingFolder("one line\n");
    assertThat(pull("out", here)).isEmpty();
    assertThat(here.resolve("journal.jsonl")).hasContent("one line\ntwo lines\n");
  }

  @Test
  void setsTheJournalOfAnotherRunAside() throws Exception {
    write("out/journal.jsonl", "new\n");
    Path here = workingFolder("old, and longer\n");
    Path aside = folder.resolve("here.aside-1");
    assertThat(pull("out", here)).singleElement().asString().contains(aside.toString());
    assertThat(here.resolve("journal.jsonl")).hasContent("new\n");
    assertThat(here.resolve("results.json")).doesNotExist();
    assertThat(aside.resolve("journal.jsonl")).hasContent("old, and longer\n");
  }

  @Test
  void beginsWithNothingWhereNothingIsThere() throws Exception {
    Path here = workingFolder("old\n");
    assertThat(pull("out", here)).singleElement().asString().contains("here.aside-1", URI + "out");
    assertThat(here).isEmptyDirectory();
    assertThat(folder.resolve("here.aside-1/journal.jsonl")).hasContent("old\n");
    workingFolder("older\n");
    assertThat(pull("out", here)).singleElement().asString().contains("here.aside-2");
  }

  @Test
  void fetchesAnewWhatWasChangedOnThisHost() throws Exception {
    write("data/q.jsonl", "an answer");
    Path fetched = remote.fetch(URI + "data/q.jsonl", cache);
    Files.writeString(fetched, "no answer");
    Files.setLastModifiedTime(fetched, FileTime.fromMillis(1000));
    assertThat(remote.fetch(URI + "data/q.jsonl", cache)).hasContent("an answer");
  }

  @Test
  void leavesNoPartOfAFileThatCannotBeWritten() throws Exception {
    Path results = Files.createDirectories(folder.resolve("results"));
    Files.writeString(results.resolve("journal.jsonl"), "line");
    Configuration full = new Configuration(remote.configuration());
    full.set("fs.full.impl", FullFileSystem.class.getName());
    Path there = Files.createDirectory(folder.resolve("full"));
    assertThatThrownBy(
            () -> new RemoteFiles(full).push(results, "full://" + there, new HashMap<>()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("full://" + there + ": cannot write it: ")
        .hasMessageContaining("No space left");
    try (var left = Files.list(there)) {
      assertThat(left).isEmpty();
    }
  }

  /** Begins to write a file and finds no room. */
  public static final class FullFileSystem extends RawLocalFileSystem {
    @Override
    public java.net.URI getUri() {
      return java.net.URI.create("full:///");
    }

    @Override
    public void copyFromLocalFile(
        boolean delete,
        boolean overwrite,
        org.apache.hadoop.fs.Path source,
        org.apache.hadoop.fs.Path target)
        throws IOException {
      Files.writeString(Path.of(target.toUri().getPath()), "ha");
      throw full();
    }
  }

  /** Hadoop lets nobody else make one. */
  private static FSError full() throws IOException {
    try {
      Constructor<FSError> maker = FSError.class.getDeclaredConstructor(Throwable.class);
      maker.setAccessible(true);
      return maker.newInstance(new IOException("No space left on device"));
    } catch (ReflectiveOperationException e) {
      throw new IOException("FSError has changed", e);
    }
  }

  @Test
  void doesNotTakeHalfOfANewFileForWhole() throws Exception {
    Path results = Files.createDirectories(folder.resolve("results"));
    Files.writeString(results.resolve("results.json"), "whole");
    Files.createDirectories(store.resolve("out"));
    // What a writer leaves that is killed while it writes a file that was not there.
    write("out/.results.json.part", "who");
    Path back = Files.createDirectories(folder.resolve("back"));
    pull("out", back);
    assertThat(back).isEmptyDirectory();
    remote.push(results, URI + "out", new HashMap<>());
    assertThat(store.resolve("out/results.json")).hasContent("whole");
    assertThat(store.resolve("out/.results.json.part")).doesNotExist();
  }

  @Test
  void anOutputThatIsAFileIsSaidToBeOne() throws Exception {
    write("afile", "");
    try (OutputClaims claims = new OutputClaims(remote.configuration())) {
      for (String name : List.of("afile", "afile/run")) {
        assertThatThrownBy(() -> claims.claim(URI + name))
            .hasMessage(
                "--output: expected a folder at %s, found the file %s; give another name"
                    .formatted(URI + name, URI + "afile"));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"local,s3a://bucket/model", "claim,s3a://bucket/out", "pull,abfs://a@b/out"})
  void saysWhichJarsAreMissing(String word, String uri) {
    FileBridge bridge =
        new FileBridge(remote.configuration(), folder.resolve("cache"), notice -> {});
    ObjectNode asked = WireLine.of(word, "uri", uri).object().put("folder", folder.toString());
    asked.putArray("arguments").add("--model").add(uri);
    try (OutputClaims claims = new OutputClaims(remote.configuration())) {
      WireLine answer = bridge.answer(WireLine.of(word, asked), claims);
      assertThat(answer.kind()).isEqualTo("fault");
      assertThat(answer.text("message"))
          .startsWith(uri + ": ")
          .contains("--conf spark.jars=")
          .containsPattern("hadoop-(aws|azure)-\\d");
    }
  }

  @Test
  void aFileMayBeNamedWithOneSlash() throws Exception {
    write("q.jsonl", "an answer");
    String uri = "file:" + store.resolve("q.jsonl");
    assertThat(RemoteFiles.isUri(uri)).isTrue();
    assertThat(remote.fetch(uri, cache)).hasContent("an answer");
  }

  @Test
  void takesTheNewFileOfAWriterThatWasStoppedBetweenTwoNames() throws Exception {
    write("out/journal.jsonl.part", "all lines");
    write("out/results.json", "old");
    write("out/results.json.part", "ne");
    Path back = Files.createDirectories(folder.resolve("back"));
    pull("out", back);
    assertThat(back.resolve("journal.jsonl")).hasContent("all lines");
    assertThat(back.resolve("results.json")).hasContent("old");
    assertThat(back.resolve("journal.jsonl.part")).doesNotExist();
  }

  @Test
  void pullsNothingFromWhereNothingIsYet() throws Exception {
    Path back = Files.createDirectories(folder.resolve("back"));
    pull("out/new", back);
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
