package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.presses.spec.PressCatalog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * A command line that has been understood. It is read up to three times: for the jars of presses
 * and the file of options it names, with the options that those presses bring, and together with
 * the options of the file.
 */
final class Invocation {
  private final ParseResult result;
  private final Optional<ConfigFile> config;
  private final Set<String> typed;

  private Invocation(ParseResult result, Optional<ConfigFile> config, Set<String> typed) {
    this.result = result;
    this.config = config;
    this.typed = Set.copyOf(typed);
  }

  static Invocation read(String[] arguments, Problems problems) {
    CommandLine root = Commands.create(PressCatalog.load());
    ParseResult result = parse(root, List.of(), arguments);
    boolean main = !result.hasSubcommand();
    if (main && Arrays.asList(arguments).contains(Arguments.REST)) {
      problems.add(
          "--: expected options alone, found a lone --, behind which none are read; leave it out");
      problems.throwIfAny();
    }
    Optional<ConfigFile> config =
        (main ? texts(result, ConfigOption.NAME) : List.<String>of())
            .stream()
                .findFirst()
                .flatMap(
                    file ->
                        new Values(problems)
                            .existing(ConfigOption.NAME, file, "a YAML or JSON file of options"))
                .map((Path file) -> ConfigFile.read(file, problems));
    // A file that says nothing would let options seem to be missing.
    problems.throwIfAny();
    List<String> typedJars = texts(deepest(result), PressJarOption.NAME);
    List<String> jars =
        typedJars.isEmpty()
            ? config.map(file -> file.texts(PressJarOption.NAME)).orElse(List.of())
            : typedJars;
    if (!jars.isEmpty()) {
      root = Commands.create(PressJars.load(jars, problems));
      // So would a jar that gives no presses.
      problems.throwIfAny();
      result = parse(root, List.of(), arguments);
    }
    Set<String> typed =
        result.matchedOptionsSet().stream()
            .map(OptionSpec::longestName)
            .collect(Collectors.toSet());
    if (config.isPresent()) {
      List<String> added = config.get().arguments(root.getCommandSpec(), typed, problems);
      result = parse(root, added, arguments);
    }
    return new Invocation(result, config, typed);
  }

  private static ParseResult parse(CommandLine root, List<String> before, String[] arguments) {
    List<String> all = new ArrayList<>(before);
    all.addAll(Arrays.asList(Arguments.normalise(arguments, root.getCommandSpec())));
    return root.parseArgs(all.toArray(new String[0]));
  }

  private static ParseResult deepest(ParseResult result) {
    return result.hasSubcommand() ? deepest(result.subcommand()) : result;
  }

  private static List<String> texts(ParseResult result, String option) {
    OptionSpec found = result.matchedOption(option);
    return found == null ? List.of() : found.stringValues();
  }

  /** What the parser made of it. */
  ParseResult result() {
    return result;
  }

  /** Whether an option of the first command was typed, and does not stand in a file. */
  boolean isTyped(String option) {
    return typed.contains(option);
  }

  /** Says of a problem with an option of the file that it stands there. */
  String place(String problem) {
    return config.map(file -> file.place(problem)).orElse(problem);
  }
}
