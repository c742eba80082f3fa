package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says whether this machine, and a model, are fit for a comparison. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Checks Java, ONNX Runtime, memory and the cache folder, a model and data.",
      "With --model it says the model's shape, what was recognised in its graph, the signals it gives",
      "and the presses it can serve, and why not the others. With --data-path (and --tasks) it says of",
      "each file its shape, the task, what is measured, the first prompt as the model will see it (the",
      "demo model where --model is not given) and what is wrong with the data. Ends with 2 if",
      "something is wrong."
    })
final class DoctorCommand implements Action {
  @Mixin ModelOptions model = new ModelOptions();

  @Mixin DataOptions data = new DataOptions();

  @Mixin TaskFlags flags = new TaskFlags();

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description = "text or json (default: ${DEFAULT-VALUE}).")
  String format = "text";

  @Option(
      names = {"-v", "--verbose"},
      description = "Show where faults come from.")
  boolean verbose;

  private final PressCatalog catalog;

  DoctorCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    boolean json =
        values.choice("--format", format, Map.of("text", false, "json", true)).orElse(false);
    Optional<DecoderOptions> options = model.decoder(problems);
    boolean withData = !data.data.isEmpty() || !data.tasks.isEmpty();
    Optional<Path> path =
        model.model == null && !withData ? Optional.empty() : model.model(problems);
    problems.throwIfAny();
    Problems wrong = new Problems();
    Optional<RunSettings> settings =
        withData
            ? new RunOptions(model, data, flags)
                .settings(wrong, Protocol.PREFILL, null, PressOptions.DEFAULT_SEED)
            : Optional.empty();
    Map<String, List<Check>> sections = new LinkedHashMap<>();
    List<Check> machine = new ArrayList<>(MachineChecks.of(options.orElseThrow()));
    sections.put("machine", machine);
    if (path.isPresent() && healthy(machine)) {
      look(path.get(), options.get(), settings, sections);
    }
    if (!wrong.lines().isEmpty()) {
      sections.put("data", DataChecks.faults(wrong));
    }
    boolean well = sections.values().stream().allMatch(DoctorCommand::healthy);
    console.out().print(json ? json(well, sections) : text(well, sections));
    return well ? ExitCode.OK : ExitCode.USAGE;
  }

  private void look(
      Path path,
      DecoderOptions options,
      Optional<RunSettings> settings,
      Map<String, List<Check>> sections) {
    List<Check> own = new ArrayList<>();
    sections.put("model", own);
    try (DecoderModel loaded =
        ModelOpening.open(path, options, line -> own.add(ModelChecks.weights(line)))) {
      own.add(0, ModelChecks.shape(loaded));
      own.addAll(ModelChecks.notices(loaded));
      Optional<Tokenizer> tokenizer = Tokenizers.find(path);
      own.add(
          tokenizer
              .map(found -> ModelChecks.tokenizer(found, loaded))
              .orElseGet(
                  () ->
                      Check.absent(
                          "tokenizer",
                          "none beside the model (%s); data must give token_ids"
                              .formatted(Tokenizers.KNOWN_FILES))));
      if (model.model != null) {
        sections.put("graph", GraphChecks.of(loaded, ModelChecks.positions(loaded)));
        sections.put("signals", ModelChecks.signals(loaded));
        sections.put("presses", ModelChecks.presses(loaded, catalog));
      } else {
        own.add(
            Check.absent(
                "note", "the demo model, whose tokens are shown since --model is not given"));
      }
      settings.ifPresent(
          read -> sections.putAll(new DataChecks(loaded, tokenizer, baseline()).of(read)));
    } catch (ModelException e) {
      own.add(Check.fault("model", String.valueOf(e.getMessage())));
    }
  }

  /** The whole cache, which every model can serve. */
  private CellPlan baseline() {
    Problems none = new Problems();
    List<CellPlan.Method> methods =
        new Methods(catalog, PressDefaults.NONE, none).all(List.of("baseline"), false, line -> {});
    none.throwIfAny();
    return CellPlan.of(methods, List.of(), List.of()).get(0);
  }

  private static boolean healthy(List<Check> checks) {
    return checks.stream().noneMatch(check -> check.state() == Check.State.FAULT);
  }

  private static String json(boolean well, Map<String, List<Check>> sections) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("ok", well);
    sections.forEach(
        (name, checks) -> report.put(name, checks.stream().map(DoctorCommand::entry).toList()));
    return Json.pretty(report);
  }

  private static Map<String, Object> entry(Check check) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", check.name());
    entry.put("state", check.state().name().toLowerCase(Locale.ROOT));
    entry.put("found", check.found());
    return entry;
  }

  private static String text(boolean well, Map<String, List<Check>> sections) {
    StringBuilder text = new StringBuilder();
    sections.forEach(
        (name, checks) -> {
          text.append(name).append('\n');
          for (Check check : checks) {
            String line =
                "  %s %-18s %s".formatted(check.state().mark(), check.name(), check.found());
            text.append(line.stripTrailing()).append('\n');
          }
        });
    return text.append(well ? "all is well\n" : "something is wrong; see !! above\n").toString();
  }
}
