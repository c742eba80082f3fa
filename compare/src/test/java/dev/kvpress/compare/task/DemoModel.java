package dev.kvpress.compare.task;

import dev.kvpress.compare.data.SampleRules;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.run.Comparison;
import dev.kvpress.compare.run.MemoryLog;
import dev.kvpress.compare.run.Progress;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.TaskFile;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.shape.catalog.DataSource;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.decode.TokenGenerator;
import dev.kvpress.runtime.decode.TokenRequest;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Tasks on the model of the repository, with the whole cache and with other methods. */
final class DemoModel implements AutoCloseable {
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root"), "test-data");
  private static final Path MODEL = ROOT.resolve("models/demo");

  private final DecoderModel model;
  private final Tokenizer tokenizer = Tokenizers.find(MODEL).orElseThrow();
  private final PressCatalog catalog = PressCatalog.load();

  DemoModel(Path cache) {
    model = DecoderModel.open(MODEL, DecoderOptions.cpu(cache));
  }

  static Path data(String name) {
    return ROOT.resolve("datasets").resolve(name);
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  /** What the model says behind a prompt that it reads at once. */
  String greedy(int[] prompt, int tokens) {
    TokenRequest request =
        new TokenRequest(tokens, prompt.length, catalog.make("baseline").press(), Budget.FULL);
    int[] ids =
        TokenGenerator.generate(model, prompt, request, tokenizer::endsText, id -> {})
            .ids()
            .toArray();
    return tokenizer.decode(ids).strip();
  }

  /** What a task makes of a file. */
  TaskData read(Task task, Path file, int samples, TaskOptions options) {
    SampleRules rules =
        new SampleRules(
            model.info().vocabulary(),
            model.info().maxPositions(),
            OptionalInt.empty(),
            OptionalInt.empty());
    return task.read(
        new TaskInput(
            DataSource.of(file, task.name()),
            Optional.of(tokenizer),
            rules,
            samples,
            options.with(TemplateChoice.RUNNING_TEXT)));
  }

  /** The outcomes of the whole cache and of presses that remove a fraction. */
  List<CellOutcome> run(
      Task task, Path file, int samples, TaskOptions options, double ratio, String... presses) {
    return run(task, file, samples, options, Protocol.PREFILL, ratio, presses);
  }

  List<CellOutcome> run(
      Task task,
      Path file,
      int samples,
      TaskOptions options,
      Protocol protocol,
      double ratio,
      String... presses) {
    RunSettings settings =
        new RunSettings(
            MODEL,
            List.of(new TaskFile(task, DataSource.of(file, task.name()))),
            DecoderOptions.cpu(MODEL),
            protocol,
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.of(samples),
            protocol == Protocol.STREAMING ? OptionalInt.of(128) : OptionalInt.empty(),
            options.with(TemplateChoice.RUNNING_TEXT));
    List<CellPlan.Method> methods =
        Stream.concat(Stream.of("baseline"), Stream.of(presses))
            .map(spec -> new CellPlan.Method(spec, catalog.make(spec)))
            .toList();
    Comparison comparison =
        new Comparison(settings, CellPlan.of(methods, List.of(ratio), List.of()), Progress.SILENT);
    return MemoryLog.cells(
        comparison.work(
            model,
            Optional.of(tokenizer),
            comparison.prepare(model, Optional.of(tokenizer)),
            "",
            Shard.WHOLE));
  }

  /** The mean of a figure of a cell that must not have failed. */
  static double mean(CellOutcome cell, String figure) {
    if (cell.error().isPresent()) {
      throw new AssertionError(cell.cell().describe() + ": " + cell.error().get());
    }
    OptionalDouble mean = cell.mean(figure);
    return mean.orElseThrow(() -> new AssertionError("no figure " + figure));
  }

  @Override
  public void close() {
    model.close();
  }
}
