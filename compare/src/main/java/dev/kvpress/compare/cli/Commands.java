package dev.kvpress.compare.cli;

import static java.util.Objects.requireNonNull;

import dev.kvpress.compare.BuildInfo;
import dev.kvpress.presses.spec.PressCatalog;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Puts the commands together. */
final class Commands {
  private static final int HELP_WIDTH = 100;

  private static final List<String> WITH_PRESSES =
      List.of(
          "score",
          "replay",
          "generate",
          "compress",
          "answer",
          "serve",
          "list",
          "doctor",
          "support",
          "completion");

  private Commands() {}

  static CommandLine create(PressCatalog catalog) {
    CompareCommand compare = new CompareCommand(catalog);
    ScoreCommand score = new ScoreCommand(catalog);
    ReplayCommand replay = new ReplayCommand(catalog);
    GenerateCommand generate = new GenerateCommand(catalog);
    CompressCommand compress = new CompressCommand(catalog);
    ServeCommand serve = new ServeCommand(catalog);
    CommandLine root = new CommandLine(compare);
    root.addSubcommand(score);
    root.addSubcommand(replay);
    root.addSubcommand(new ExportCommand());
    root.addSubcommand(new TapCommand());
    root.addSubcommand(generate);
    root.addSubcommand(compress);
    root.addSubcommand(new AnswerCommand(catalog));
    root.addSubcommand(serve);
    root.addSubcommand(new ListCommand(catalog));
    root.addSubcommand(new DoctorCommand(catalog));
    root.addSubcommand(new SupportCommand(catalog));
    root.addSubcommand(new CompletionCommand(catalog));
    root.addSubcommand(new ReportCommand());
    root.addSubcommand(new DiffCommand());
    root.addSubcommand(new MergeCommand());
    root.addSubcommand(new StatusCommand());
    root.addSubcommand(new HeatmapCommand());
    root.addSubcommand(new SlurmCommand(System.getenv()));
    root.addSubcommand(new SparkCommand());
    root.addSubcommand(new WorkerCommand());
    compare.presses.addTo(root.getCommandSpec(), catalog);
    addTo(root, "score", score.batch.presses, catalog);
    addTo(root, "replay", replay.batch.presses, catalog);
    addTo(root, "generate", generate.choice.defaults, catalog);
    addTo(root, "compress", compress.choice.defaults, catalog);
    addTo(root, "serve", serve.choice.defaults, catalog);
    root.getCommandSpec().addMixin("config", CommandSpec.forAnnotatedObject(new ConfigOption()));
    addPressJars(root.getCommandSpec());
    for (String name : WITH_PRESSES) {
      addPressJars(requireNonNull(root.getSubcommands().get(name), name).getCommandSpec());
    }
    // The parser goes on after an error, so that everything wrong is said at once.
    configure(root);
    root.getSubcommands().values().forEach(Commands::configure);
    // Values stand behind an equals sign by now: --text-column=report is a column.
    root.setAllowSubcommandsAsOptionParameters(true);
    return root;
  }

  private static void addTo(
      CommandLine root, String name, PressOptions options, PressCatalog catalog) {
    CommandLine command = requireNonNull(root.getSubcommands().get(name), name);
    options.addTo(command.getCommandSpec(), catalog);
  }

  private static void addPressJars(CommandSpec command) {
    command.addMixin("press-jar", CommandSpec.forAnnotatedObject(new PressJarOption()));
  }

  private static void configure(CommandLine command) {
    command.getCommandSpec().parser().collectErrors(true);
    command.getCommandSpec().version("kvpress for Java " + BuildInfo.version());
    command.setExpandAtFiles(false).setUsageHelpWidth(HELP_WIDTH);
    summarise(command.getCommandSpec().usageMessage());
  }

  /** The list of commands shows the first line of each description: it becomes a sentence. */
  private static void summarise(UsageMessageSpec usage) {
    String[] lines = usage.description();
    if (lines.length > 1 && !lines[0].endsWith(".")) {
      usage.description(String.join(" ", lines).split("(?<=\\.) ", 2));
    }
  }
}
