package dev.kvpress.compare.scale.slurm;

import com.google.common.io.Resources;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The scripts of a comparison on a cluster. Each begins with what differs from one comparison to
 * another, as options of sbatch and as variables; what is done with them is the same for all and
 * lies beside this class.
 */
public final class SlurmScripts {
  private static final String MARK = "# Written by compare slurm";
  private static final String SUFFIX = ".sh";

  private final SlurmJob job;
  private final String logs;

  /**
   * Of a comparison.
   *
   * @throws IllegalArgumentException if the cluster cannot write logs below its output folder
   */
  public SlurmScripts(SlurmJob job) {
    this.job = job;
    this.logs = ShellWords.pattern(job.logs().toString());
  }

  /** The script that submits the others. */
  public Path submitting() {
    return beside("submit");
  }

  /** The same as a word of the command line. */
  public String submittingWord() {
    return quoted(submitting().toString());
  }

  private Path beside(String what) {
    String name = String.valueOf(job.script().getFileName());
    String stem = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    return job.script().resolveSibling("%s-%s%s".formatted(stem, what, SUFFIX));
  }

  /** A file that is in the way, since no earlier call has written it. */
  public Optional<Path> inTheWay() {
    return texts().keySet().stream().filter(SlurmScripts::isForeign).findFirst();
  }

  private static boolean isForeign(Path file) {
    try {
      return Files.exists(file)
          && (!Files.isRegularFile(file)
              || Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                  .noneMatch(line -> line.startsWith(MARK)));
    } catch (IOException e) {
      // Whatever it is, it is no script of ours.
      return true;
    }
  }

  /**
   * Writes the scripts and makes the folder for the logs.
   *
   * @return the files
   * @throws UncheckedIOException if one cannot be written
   */
  public List<Path> write() {
    List<Path> written = new ArrayList<>();
    Path current = job.logs();
    try {
      // The cluster does not make it, and a job without its log fails and says nothing.
      Files.createDirectories(current);
      for (Map.Entry<Path, String> script : texts().entrySet()) {
        current = script.getKey();
        byte[] bytes = script.getValue().getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(current, out -> AtomicFile.writeFully(out, ByteBuffer.wrap(bytes)));
        written.add(current);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: cannot be written: %s".formatted(current, FileFaults.reason(e)), e);
    }
    return written;
  }

  /** All scripts by the files they go to. */
  Map<Path, String> texts() {
    Map<Path, String> texts = new LinkedHashMap<>();
    texts.put(beside("export"), exporting());
    texts.put(job.script(), array());
    texts.put(beside("merge"), merging());
    texts.put(submitting(), submission());
    return texts;
  }

  private String exporting() {
    return head(
            "Before all shards: the model is exported once.",
            job.resources().forModels(),
            "export-%j")
        + comparison()
        + body("job.sh")
        + body("export.sh");
  }

  private String array() {
    List<String> options = new ArrayList<>();
    options.add("array=" + job.array().directive());
    options.addAll(job.resources().forModels());
    // After the loss of a node, or where another job goes first: a shard goes on where it was.
    options.add("requeue");
    options.add("open-mode=append");
    return head("A shard of the comparison, as one task of an array.", options, "shard-%A_%a")
        + shards()
        + comparison()
        + body("job.sh")
        + body("shard.sh");
  }

  private String merging() {
    List<String> words = job.partial() ? List.of("merge", "--partial") : List.of("merge");
    return head(
            "Behind all shards: their results become one.", job.resources().forFiles(), "merge-%j")
        + shards()
        + variable("logs", job.logs())
        + variable("submit_script", submitting())
        + "merge=(%s)\n".formatted(String.join(" ", words))
        + body("job.sh")
        + body("merge.sh");
  }

  private String submission() {
    return """
        #!/usr/bin/env bash
        # Submits the comparison: bash THIS-FILE. Doing so again goes on with what is missing.
        %s; the same command writes it anew.
        set -euo pipefail

        """
            .formatted(MARK)
        + variable("export_script", beside("export"))
        + variable("shard_script", job.script())
        + variable("merge_script", beside("merge"))
        + variable("logs", job.logs())
        + shards()
        + "\n"
        + body("submit.sh");
  }

  /** What all jobs begin with, up to the variables. */
  private String head(String purpose, List<String> options, String log) {
    StringBuilder text = new StringBuilder("#!/usr/bin/env bash\n");
    text.append("# ").append(purpose).append('\n');
    text.append(MARK).append("; the same command writes it anew.\n");
    directive(text, "job-name=" + job.name());
    options.forEach(option -> directive(text, option));
    directive(text, "output=%s/%s.log".formatted(logs, log));
    text.append("set -euo pipefail\n\n");
    text.append(variable("compare", job.program()));
    text.append(variable("directory", job.directory()));
    text.append(variable("output", job.output()));
    new TreeMap<>(job.environment())
        .forEach((name, value) -> text.append("export %s=%s\n".formatted(name, quoted(value))));
    if (!job.resources().modules().isEmpty()) {
      text.append(ShellWords.array("modules", job.resources().modules()));
      text.append(body("modules.sh"));
    }
    return text.toString();
  }

  private static void directive(StringBuilder text, String option) {
    int equals = option.indexOf('=');
    text.append("#SBATCH --")
        .append(
            equals < 0
                ? option
                : option.substring(0, equals + 1)
                    + ShellWords.directive(option.substring(equals + 1)))
        .append('\n');
  }

  private String shards() {
    return "shards=%d\n".formatted(job.array().shards());
  }

  private String comparison() {
    return ShellWords.array("comparison", job.comparison());
  }

  private static String variable(String name, Path value) {
    return "%s=%s\n".formatted(name, quoted(value.toString()));
  }

  private static String quoted(String value) {
    return ShellWords.bash(value);
  }

  private static String body(String name) {
    try {
      return Resources.toString(
          Resources.getResource(SlurmScripts.class, name), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the program's file %s cannot be read".formatted(name), e);
    }
  }
}
