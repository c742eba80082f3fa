package dev.kvpress.compare.bench;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.compare.journal.Journal;
import dev.kvpress.compare.run.plan.Shard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench journal}: what journals of many rows take to be read, merged and shown. */
@Command(
    name = "journal",
    mixinStandardHelpOptions = true,
    description = {
      "Writes shards of a run that never was, and measures compare status, merge (with results and",
      "report) and report on them, each in a process of its own. CPU: of all threads, which says more",
      "where other work is going on; heap: the most that its pools held, garbage too; resident: the",
      "most memory of the process."
    })
final class JournalCommand implements Callable<Integer> {
  private static final List<String> STEPS = List.of("status", "merge", "report");
  private static final double MEBIBYTE = 1 << 20;

  /** Targets of a million rows: two gibibytes and five minutes. */
  private static final double MOST_MEBIBYTES = 2048;

  private static final double MOST_SECONDS = 300;

  @Option(
      names = "--rows",
      defaultValue = "1000000",
      description = "Lines of all journals together, about (default ${DEFAULT-VALUE}).")
  int rows;

  @Option(
      names = "--cells",
      defaultValue = "200",
      description =
          "Methods at their budgets; rows go over cells and samples (default ${DEFAULT-VALUE}).")
  int cells;

  @Option(
      names = "--shards",
      defaultValue = "4",
      description = "Folders of it (default ${DEFAULT-VALUE}).")
  int shards;

  @Option(
      names = "--heap",
      defaultValue = "2g",
      description = "Heap of the measured processes (default ${DEFAULT-VALUE}).")
  String heap;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Seed of the figures (default ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--folder",
      description = "Where everything is written and stays (default: a folder that is deleted).")
  Optional<Path> folder = Optional.empty();

  @Option(names = "--output", description = "A JSON file for all figures.")
  Optional<Path> output = Optional.empty();

  @Option(
      names = "--check",
      description = "End with exit code 4 if a step takes more than 5 minutes or 2 GiB.")
  boolean check;

  @Override
  public Integer call() throws IOException {
    if (folder.isPresent()) {
      return measure(Files.createDirectories(folder.get()));
    }
    Path temporary = Files.createTempDirectory("kvpress-journal");
    try {
      return measure(temporary);
    } finally {
      delete(temporary);
    }
  }

  private int measure(Path into) throws IOException {
    SyntheticRun run = new SyntheticRun(cells, Math.max(1, rows / (2 * cells)), seed, 0);
    List<String> folders = new ArrayList<>();
    long bytes = 0;
    for (int number = 1; number <= shards; number++) {
      Path shard = into.resolve("shard-" + number);
      run.write(shard, new Shard(number, shards));
      bytes += Files.size(shard.resolve(Journal.FILE));
      folders.add(shard.toString());
    }
    System.out.printf(
        "%,d rows (%,d cells, 2 tasks, %,d samples each) in %d shards, journals of %,.0f MiB%n",
        run.rows(), run.cells(), run.contexts(), shards, bytes / MEBIBYTE);
    System.out.println("| step | seconds | CPU seconds | peak heap MiB | peak resident MiB |");
    System.out.println("|---|---:|---:|---:|---:|");
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("rows", run.rows());
    all.put("cells", run.cells());
    all.put("shards", shards);
    all.put("journal_bytes", bytes);
    List<Check> checks = new ArrayList<>();
    double page = 0;
    for (String step : STEPS) {
      List<String> arguments = new ArrayList<>(List.of(step, into.resolve("merged").toString()));
      arguments.addAll(folders);
      Figures figures =
          ChildJvm.run(JournalSide.class, List.of("-Xmx" + heap, "-Xmn64m"), arguments);
      System.out.printf(
          "| %s | %.1f | %.1f | %.0f | %.0f |%n",
          step,
          figures.get("seconds"),
          figures.get("cpu"),
          figures.get("heap") / MEBIBYTE,
          figures.get("resident") / MEBIBYTE);
      all.put(step, figures.values());
      checks.add(new Check(step, figures.get("seconds"), MOST_SECONDS, "s"));
      checks.add(new Check(step, figures.get("heap") / MEBIBYTE, MOST_MEBIBYTES, "MiB of heap"));
      page = figures.get("page");
    }
    System.out.printf("report.html: %.1f MiB%n", page / MEBIBYTE);
    if (check) {
      checks.forEach(one -> System.out.print(one.line()));
    }
    if (output.isPresent()) {
      JsonMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
      Files.writeString(output.get(), json.writeValueAsString(all) + "\n");
    }
    boolean met = checks.stream().allMatch(Check::isMet);
    return met || !check ? 0 : BenchMain.TARGET_MISSED;
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = new ArrayList<>(all.toList());
    }
    for (int i = files.size() - 1; i >= 0; i--) {
      Files.delete(files.get(i));
    }
  }
}
