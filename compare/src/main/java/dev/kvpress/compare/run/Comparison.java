package dev.kvpress.compare.run;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.SampleRules;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.task.Probe;
import dev.kvpress.compare.task.Task;
import dev.kvpress.compare.task.TaskData;
import dev.kvpress.compare.task.TaskInput;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.text.FittedTokenizer;
import dev.kvpress.runtime.text.PromptFrame;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** One comparison: all cells over all samples of all tasks. */
public final class Comparison {
  private final RunSettings settings;
  private final List<CellPlan> cells;
  private final Progress progress;

  /** Prepares a comparison; the baseline must be among the cells. */
  public Comparison(RunSettings settings, List<CellPlan> cells, Progress progress) {
    this.settings = settings;
    this.cells = List.copyOf(cells);
    this.progress = progress;
  }

  /**
   * Reads the samples and checks that everything fits the model.
   *
   * @throws dev.kvpress.compare.UsageException with everything in which methods, settings and data
   *     do not fit the model; nothing has run then
   */
  public List<Assignment> prepare(DecoderModel model, Optional<Tokenizer> tokenizer) {
    Problems problems = new Problems();
    for (CellPlan cell : cells) {
      try {
        model.requireSignals(cell.method(), cell.press().needs());
      } catch (ModelException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    if (settings.beyondTrained()) {
      model
          .beyondTrainedRefusal()
          .ifPresent(
              reason ->
                  problems.add(
                      "--beyond-trained: expected a model whose positions go on, but %s: %s; leave it out"
                          .formatted(model.info().name(), reason)));
    }
    int rows = model.info().vocabulary();
    Optional<Tokenizer> fitted = tokenizer.map(whole -> FittedTokenizer.of(whole, rows));
    tokenizer.flatMap(whole -> FittedTokenizer.excess(whole, rows)).ifPresent(progress::notice);
    List<Remark> template = template();
    model.notices().forEach(remark -> progress.notice(remark.text()));
    List<Assignment> assignments = new ArrayList<>();
    problems
        .attempt(() -> rules(model))
        .ifPresent(
            rules -> {
              for (TaskFile task : settings.tasks()) {
                problems
                    .attempt(() -> read(task, fitted, rules))
                    .map(read -> read.with(model.notices()))
                    .map(read -> read.task().usesChatTemplate() ? read.with(template) : read)
                    .ifPresent(assignments::add);
              }
            });
    problems.throwIfAny();
    usePrompts(model, fitted);
    requirePresses(model, assignments);
    for (Assignment assignment : assignments) {
      progress.notice(
          "%s is %s: task %s"
              .formatted(assignment.data(), assignment.shape(), assignment.task().name()));
    }
    Stream.concat(
            assignments.stream().flatMap(assignment -> assignment.samples().notices().stream()),
            template.stream())
        .filter(remark -> !model.notices().contains(remark))
        .map(Remark::text)
        .distinct()
        .forEach(progress::notice);
    return assignments;
  }

  /** A template that cannot be read is no matter where no task uses it. */
  private List<Remark> template() {
    List<Task> tasks = settings.tasks().stream().map(TaskFile::task).toList();
    try {
      return TemplateRemarks.of(
          settings.model(), settings.taskOptions().chatTemplate().template(), tasks);
    } catch (ModelException e) {
      return List.of(
          Remark.onFigures("the model's chat template is not applied: " + e.getMessage()));
    }
  }

  /** Presses that read contexts again write prompts as the tasks do. */
  private void usePrompts(DecoderModel model, Optional<Tokenizer> tokenizer) {
    if (cells.stream().noneMatch(cell -> cell.press().readsAgain())) {
      return;
    }
    Optional<ChatTemplate> template = settings.taskOptions().chatTemplate().template();
    tokenizer.ifPresent(own -> model.prompts().use(PromptFrame.of(own, template)));
  }

  /** Which needs to be known how far texts go, since a graph may be right up to some length. */
  private void requirePresses(DecoderModel model, List<Assignment> assignments) {
    int positions =
        assignments.stream()
            .flatMap(assignment -> assignment.samples().probes().stream())
            .mapToInt(Probe::positions)
            .max()
            .orElse(1);
    Problems problems = new Problems();
    for (CellPlan cell : cells) {
      try {
        model.requirePress(cell.method(), cell.press(), positions, cell.positions());
      } catch (ModelException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    problems.throwIfAny();
  }

  /**
   * The work that there is to do.
   *
   * @param codeHash what tells versions of the program apart in the log
   * @param shard which part of the contexts is taken
   */
  public Work work(
      DecoderModel model,
      Optional<Tokenizer> tokenizer,
      List<Assignment> assignments,
      String codeHash,
      Shard shard) {
    return work(model, tokenizer, assignments, codeHash, shard, task -> true);
  }

  /** The same of some tasks alone; a shard takes the contexts that it takes of all of them. */
  Work work(
      DecoderModel model,
      Optional<Tokenizer> tokenizer,
      List<Assignment> assignments,
      String codeHash,
      Shard shard,
      Predicate<Assignment> tasks) {
    return new Work(
        settings,
        model,
        cells,
        assignments,
        WorkKeys.common(settings, model, tokenizer, codeHash),
        Schedule.of(assignments).only(tasks),
        shard,
        progress);
  }

  private SampleRules rules(DecoderModel model) {
    return new SampleRules(
        model.info().vocabulary(),
        settings.beyondTrained() ? OptionalInt.empty() : model.info().maxPositions(),
        settings.maxLength(),
        settings.contextTokens());
  }

  private Assignment read(TaskFile task, Optional<Tokenizer> tokenizer, SampleRules rules) {
    TaskData data =
        task.task()
            .read(
                new TaskInput(
                    task.data(),
                    tokenizer,
                    rules,
                    settings.maxSamples().orElse(Integer.MAX_VALUE),
                    settings.taskOptions()));
    for (Probe probe : data.probes()) {
      long needed = (long) probe.context().length() + probe.furtherTokens();
      int positions = rules.positions().orElse(Integer.MAX_VALUE);
      if (needed > positions) {
        throw new DataException(
            "%s: sample %d of task %s needs %d positions, but the model has %d; shorten the context or the answer, or let texts go further with --beyond-trained"
                .formatted(task.file(), probe.sample(), task.task().name(), needed, positions));
      }
    }
    return new Assignment(
        task.task(),
        String.valueOf(task.file().getFileName()),
        task.data().describe(),
        data.with(task.data().notices()));
  }
}
