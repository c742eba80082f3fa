package dev.kvpress.compare.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Arguments of a comparison with paths of this host in place of URIs. */
final class LocalArguments {
  /** Options and names of tasks may stand before a URI: {@code --data-path=qa=s3a://…}. */
  private static final Pattern BEFORE =
      Pattern.compile("((?:--[a-z][a-z_-]*=)?(?:[A-Za-z0-9_]+=)?)(.+)");

  private static final String OUTPUT = "--output";

  private static final String ARGUMENTS = "arguments";

  private LocalArguments() {}

  /** The same object with its arguments replaced, whose files are fetched unless they are here. */
  static ObjectNode of(ObjectNode message, RemoteFiles remote, HostCache cache) {
    List<String> arguments = new ArrayList<>();
    for (JsonNode argument : message.path(ARGUMENTS)) {
      arguments.add(argument.asText());
    }
    List<String> local = of(arguments, uri -> remote.fetch(uri, cache).toString());
    ArrayNode array = message.putArray(ARGUMENTS);
    local.forEach(array::add);
    return message;
  }

  /**
   * Replaces every URI but that of the output, which workers do not touch.
   *
   * @param fetch gives the path of what a URI names
   */
  static List<String> of(List<String> arguments, UnaryOperator<String> fetch) {
    List<String> local = new ArrayList<>();
    boolean output = false;
    for (String argument : arguments) {
      Matcher matcher = BEFORE.matcher(argument);
      boolean foreign =
          !output
              && !argument.startsWith(OUTPUT + "=")
              && matcher.matches()
              && RemoteFiles.isUri(matcher.group(2));
      local.add(foreign ? matcher.group(1) + fetch.apply(matcher.group(2)) : argument);
      output = argument.equals(OUTPUT);
    }
    return local;
  }
}
