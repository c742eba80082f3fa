package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.presses.spec.PressCatalog;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in our words what the option parser found wrong. */
final class ParseErrors {
  private ParseErrors() {}

  static void collect(CommandLine.ParseResult result, Problems problems) {
    for (CommandLine.ParseResult level = result;
        level != null;
        level = level.hasSubcommand() ? level.subcommand() : null) {
      if (level.hasSubcommand()) {
        requireNothingBefore(level, problems);
      }
      for (Exception error : level.errors()) {
        collect(level.commandSpec().commandLine(), error, problems);
      }
    }
  }

  /** A command reads what stands behind its name; --verbose alone counts anywhere. */
  private static void requireNothingBefore(CommandLine.ParseResult level, Problems problems) {
    String name = level.subcommand().commandSpec().name();
    level.matchedOptionsSet().stream()
        .map(OptionSpec::longestName)
        .filter(option -> !option.equals("--verbose"))
        .forEach(
            option ->
                problems.add(
                    "%s: stands before the command '%s', which does not read it there; a command comes first: compare %s …"
                        .formatted(option, name, name)));
  }

  private static void collect(CommandLine command, Exception error, Problems problems) {
    if (error instanceof UnmatchedArgumentException unmatched) {
      unmatched.getUnmatched().forEach(argument -> problems.add(unknown(command, argument)));
    } else if (error instanceof MissingParameterException missing
        && !missing.getMissing().isEmpty()) {
      missing
          .getMissing()
          .forEach(
              argument ->
                  problems.add(
                      (argument instanceof OptionSpec option
                              ? option.longestName()
                              : argument.paramLabel())
                          + ": expected a value, found nothing"));
    } else if (error instanceof OverwrittenOptionException overwritten
        && overwritten.getOverwritten() instanceof OptionSpec option) {
      problems.add(option.longestName() + ": expected once, found several times");
    } else {
      problems.add(String.valueOf(error.getMessage()));
    }
  }

  /** Whether an unknown option is one of the comparison that compare slurm takes behind --. */
  static boolean takesComparison(CommandLine command, String name) {
    return command.getCommandSpec().userObject() instanceof SlurmCommand
        && command.getParent() != null
        && command.getParent().getCommandSpec().findOption(name) != null;
  }

  private static String unknown(CommandLine command, String argument) {
    if (argument.startsWith("-")) {
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      List<String> known =
          command.getCommandSpec().options().stream()
              .filter(option -> !option.hidden())
              .map(OptionSpec::longestName)
              .collect(Collectors.toList());
      if (known.contains(name)) {
        return name + ": stands behind --, where no options are read; leave -- out";
      }
      if (takesComparison(command, name)) {
        return name
            + ": is an option of the comparison, which stands behind --; give compare slurm … -- "
            + name
            + " …";
      }
      return String.valueOf(PressCatalog.unknown("option", name, known).getMessage());
    }
    if (!command.getSubcommands().isEmpty()) {
      return String.valueOf(
          PressCatalog.unknown("sub-command", argument, command.getSubcommands().keySet())
              .getMessage());
    }
    return "'%s' belongs to no option; see compare %s --help"
        .formatted(argument, command.getCommandName());
  }
}
