package dev.kvpress.compare.spark;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the comparison tells its bridge on the command line.
 *
 * @param master URL of the cluster's master
 * @param conf settings of Spark by name
 * @param classPath of a worker's program on this host
 * @param installed folder of the program on every host; empty: it is sent there
 * @param main class of a worker
 * @param arguments of a worker
 * @param javaOptions of a worker
 * @param cache folder of each host for what is fetched
 */
record BridgeOptions(
    String master,
    Map<String, String> conf,
    List<Path> classPath,
    String installed,
    String main,
    List<String> arguments,
    List<String> javaOptions,
    String cache) {

  /**
   * Reads them: names and values in turn, some several times.
   *
   * @throws IllegalArgumentException for a name that is none
   */
  static BridgeOptions of(String[] given) {
    String master = "";
    Map<String, String> conf = new LinkedHashMap<>();
    List<Path> classPath = new ArrayList<>();
    String installed = "";
    String main = "dev.kvpress.compare.cli.Main";
    List<String> arguments = new ArrayList<>();
    List<String> javaOptions = new ArrayList<>();
    String cache = "~/.cache/kvpress/hosts";
    Iterator<String> rest = Arrays.asList(given).iterator();
    while (rest.hasNext()) {
      String name = rest.next();
      if (!rest.hasNext()) {
        throw new IllegalArgumentException("expected a value behind " + name);
      }
      String value = rest.next();
      switch (name) {
        case "--master" -> master = value;
        case "--conf" -> {
          int equals = value.indexOf('=');
          if (equals < 1) {
            throw new IllegalArgumentException(
                "--conf: expected NAME=VALUE, found '%s'".formatted(value));
          }
          conf.put(value.substring(0, equals), value.substring(equals + 1));
        }
        case "--class-path" ->
            Arrays.stream(value.split(File.pathSeparator)).map(Path::of).forEach(classPath::add);
        case "--installed" -> installed = value;
        case "--main" -> main = value;
        case "--argument" -> arguments.add(value);
        case "--java-option" -> javaOptions.add(value);
        case "--cache" -> cache = value;
        default -> throw new IllegalArgumentException("the bridge knows no option " + name);
      }
    }
    return new BridgeOptions(
        master, conf, classPath, installed, main, arguments, javaOptions, cache);
  }
}
