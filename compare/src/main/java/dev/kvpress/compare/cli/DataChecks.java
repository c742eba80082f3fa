package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.run.Assignment;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.run.Comparison;
import dev.kvpress.compare.run.Progress;
import dev.kvpress.compare.run.PromptPreview;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.TaskFile;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What data files are, what a model is going to see of them, and what is wrong with them. */
final class DataChecks {
  private final DecoderModel model;
  private final Optional<Tokenizer> tokenizer;
  private final List<CellPlan> baseline;

  /**
   * Checks for a model.
   *
   * @param baseline the only method: what presses need does not matter here
   */
  DataChecks(DecoderModel model, Optional<Tokenizer> tokenizer, CellPlan baseline) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.baseline = List.of(baseline);
  }

  /** A section for each task and file; each is read for itself, so that all faults are found. */
  Map<String, List<Check>> of(RunSettings settings) {
    Map<String, List<Check>> sections = new LinkedHashMap<>();
    for (TaskFile task : settings.tasks()) {
      sections.put(
          "data %s, task %s".formatted(task.file(), task.task().name()),
          look(settings.withTasks(List.of(task))));
    }
    return sections;
  }

  /** What could not even be told apart. */
  static List<Check> faults(Problems problems) {
    return problems.lines().stream().map(line -> Check.fault("data", line)).toList();
  }

  private List<Check> look(RunSettings settings) {
    List<Check> checks = new ArrayList<>();
    Heard heard = new Heard();
    try {
      for (Assignment one : new Comparison(settings, baseline, heard).prepare(model, tokenizer)) {
        for (PromptPreview.Part part : new PromptPreview(tokenizer).parts(one)) {
          checks.add(Check.ok(part.name(), part.text()));
        }
      }
    } catch (UsageException e) {
      e.problems().forEach(line -> checks.add(Check.fault("data", line)));
    }
    heard.texts.forEach(text -> checks.add(Check.absent("note", text)));
    return checks;
  }

  /** Keeps what is said while reading. */
  private static final class Heard implements Progress {
    private final List<String> texts = new ArrayList<>();

    @Override
    public void step(int done, int total, String what) {}

    @Override
    public void notice(String text) {
      texts.add(text);
    }
  }
}
