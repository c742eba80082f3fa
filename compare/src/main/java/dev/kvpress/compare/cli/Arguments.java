package dev.kvpress.compare.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Brings arguments into one spelling, in which nothing is left to guess for the parser. */
final class Arguments {
  /** What ends the options. */
  static final String REST = "--";

  private Arguments() {}

  /**
   * Options get hyphens for underscores and their values behind an equals sign; {@code --methods a
   * b} becomes {@code --methods=a --methods=b}. Values stay as they are, negative numbers too, and
   * so does everything behind a lone {@code --}.
   */
  static String[] normalise(String[] arguments, CommandSpec root) {
    List<String> normal = new ArrayList<>();
    CommandSpec spec = root;
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      if (argument.equals(REST)) {
        normal.addAll(Arrays.asList(arguments).subList(i, arguments.length));
        break;
      }
      if (!argument.startsWith("--")) {
        CommandLine subcommand = spec.subcommands().get(argument);
        spec = subcommand == null ? spec : subcommand.getCommandSpec();
        normal.add(argument);
        continue;
      }
      int equals = argument.indexOf('=');
      String name = (equals < 0 ? argument : argument.substring(0, equals)).replace('_', '-');
      OptionSpec option = spec.findOption(name);
      // An unknown option keeps its value, which would be a second fault by itself.
      boolean takesValues = option == null || option.arity().max() > 0;
      boolean takesSeveral = option != null && option.isMultiValue();
      boolean takesMore = takesValues && (equals < 0 || takesSeveral);
      normal.add(equals < 0 ? name : name + argument.substring(equals));
      boolean first = equals < 0;
      while (takesMore && i + 1 < arguments.length && !isOption(arguments[i + 1])) {
        i++;
        if (first) {
          normal.set(normal.size() - 1, name + "=" + arguments[i]);
        } else {
          normal.add(name + "=" + arguments[i]);
        }
        first = false;
        takesMore = takesSeveral;
      }
    }
    return normal.toArray(new String[0]);
  }

  private static boolean isOption(String argument) {
    return argument.startsWith("--") || argument.matches("-[A-Za-z]");
  }

  /**
   * Splits lists at commas outside brackets and quotes: {@code a,dms(h2o,threshold=1)} are two.
   * Empty parts stay, so that they are refused and not passed over.
   */
  static List<String> split(List<String> values) {
    List<String> parts = new ArrayList<>();
    for (String value : values) {
      int depth = 0;
      char quote = 0;
      StringBuilder part = new StringBuilder();
      for (char c : value.toCharArray()) {
        if (quote != 0) {
          quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '\'') {
          quote = c;
        } else if ("([{".indexOf(c) >= 0) {
          depth++;
        } else if (")]}".indexOf(c) >= 0) {
          depth--;
        }
        if (c == ',' && depth <= 0 && quote == 0) {
          parts.add(part.toString().strip());
          part.setLength(0);
        } else {
          part.append(c);
        }
      }
      parts.add(part.toString().strip());
    }
    return parts;
  }
}
