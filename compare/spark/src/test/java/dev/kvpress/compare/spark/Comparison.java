package dev.kvpress.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Comparisons as bin/compare runs them, each in a process of its own. */
final class Comparison {
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root"));
  private static final Path TARGET = ROOT.resolve("compare/target");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern TIME = Pattern.compile(".*_ms|tpot_.*");
  private static final int MINUTES = 5;

  private final Process process;
  private final Path log;

  private Comparison(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts one; what it says goes into a file. */
  static Comparison start(Path log, List<String> arguments) throws IOException {
    assertThat(TARGET.resolve("lib"))
        .as("the comparison has to be packed before (mvn package)")
        .isDirectory();
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            TestCluster.java(),
            "--add-modules",
            "jdk.incubator.vector",
            "-XX:+UseSerialGC",
            "-Xmx512m",
            "-Dkvpress.home=" + ROOT,
            "-Dkvpress.spark=" + TestCluster.MODULE.resolve("target"),
            "-cp",
            TARGET.resolve("classes") + File.pathSeparator + TARGET.resolve("lib") + "/*",
            "dev.kvpress.compare.cli.Main"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return new Comparison(builder.start(), log);
  }

  Process process() {
    return process;
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  /** Waits for its end. */
  void await(int code) throws IOException, InterruptedException {
    if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
      kill();
      throw new AssertionError("still running:\n" + log());
    }
    assertThat(process.exitValue()).as(log()).isEqualTo(code);
  }

  /** Ends it and all that it has started on this host, without a word. */
  void kill() throws InterruptedException {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    process.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
    process.waitFor();
  }

  /** As Ctrl-C does. */
  void interrupt() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();
  }

  /** What must be the same wherever a comparison runs: all but times. */
  static String results(Path folder) throws IOException {
    StringBuilder all = new StringBuilder();
    all.append(
        withoutTimes(JSON.readTree(folder.resolve("results.json").toFile())).toPrettyString());
    all.append('\n').append(Files.readString(folder.resolve("samples.jsonl")));
    List<String> table = Files.readAllLines(folder.resolve("results.csv"));
    List<String> columns = Arrays.asList(table.get(0).split(",", -1));
    for (String line : table) {
      List<String> cells = cells(line);
      for (int i = 0; i < columns.size(); i++) {
        if (!TIME.matcher(columns.get(i)).matches()) {
          all.append(cells.get(i)).append('|');
        }
      }
      all.append('\n');
    }
    return all.toString();
  }

  /** Of one line of CSV; quotes are kept. */
  private static List<String> cells(String line) {
    return Arrays.asList(line.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1));
  }

  private static JsonNode withoutTimes(JsonNode node) {
    if (node instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      names.stream().filter(name -> TIME.matcher(name).matches()).forEach(object::remove);
    }
    node.forEach(Comparison::withoutTimes);
    return node;
  }

  /** The keys of what was done, as often as the journal has them. */
  static List<String> doneKeys(Path folder) throws IOException {
    List<String> keys = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("journal.jsonl"))) {
      JsonNode read = JSON.readTree(line);
      if (read.path("error").isMissingNode() || read.path("error").isNull()) {
        keys.add(read.path("key").asText());
      }
    }
    return keys;
  }
}
