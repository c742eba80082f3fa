package dev.kvpress.compare.scale.spark;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.UsageException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How Spark is reached.
 *
 * @param side folder with Spark's libraries and the classes that use them, as built
 * @param master URL of the cluster's master; empty where only files are asked for
 * @param conf settings of Spark, each {@code NAME=VALUE}
 * @param installed folder of the program on every host; empty: it is sent there
 * @param hostCache folder of every host for what is fetched
 * @param workerHeap bytes of a worker's Java heap; empty: its share of the host's memory
 */
public record SparkSettings(
    Path side,
    String master,
    List<String> conf,
    Optional<String> installed,
    String hostCache,
    Optional<Long> workerHeap) {
  /** The folder of each host, where none is given. */
  public static final String HOST_CACHE = "~/.cache/kvpress/hosts";

  /** bin/compare says where Spark's side is. */
  private static final String SIDE = "kvpress.spark";

  private static final String HADOOP = "HADOOP_CONF_DIR";
  private static final String JARS = "spark.jars=";
  private static final Pattern FILE_SCHEME = Pattern.compile("^(?:file|local):(?://)?/");
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/");

  /** Takes a copy. */
  public SparkSettings {
    conf = ImmutableList.copyOf(conf);
  }

  /**
   * Where Spark's side was built.
   *
   * @throws UsageException if it was not
   */
  public static Path builtSide() {
    String given = System.getProperty(SIDE);
    if (given == null || !Files.isDirectory(Path.of(given, "lib"))) {
      throw new UsageException(
          List.of(
              "compare spark: expected Spark's side of the program, found %s; run it by bin/compare, which builds it (mvn -Pspark -pl compare/spark package), or say where it is with -D%s=FOLDER"
                  .formatted(given == null ? "none" : "no " + Path.of(given, "lib"), SIDE)));
    }
    return Path.of(given);
  }

  /** The same with further settings of Spark. */
  public SparkSettings with(List<String> more) {
    return new SparkSettings(
        side,
        master,
        ImmutableList.<String>builder().addAll(conf).addAll(more).build(),
        installed,
        hostCache,
        workerHeap);
  }

  /** The folder of this host for what is fetched. */
  public Path cacheFolder() {
    return hostCache.startsWith("~/")
        ? Path.of(System.getProperty("user.home", "."), hostCache.substring(2))
        : Path.of(hostCache);
  }

  /**
   * Makes the folder of this host for what is fetched.
   *
   * @throws UsageException if nothing can be written there
   */
  public void requireCache() {
    Path cache = cacheFolder();
    try {
      Files.createDirectories(cache);
      Files.delete(Files.createTempFile(cache, ".try", ""));
    } catch (IOException e) {
      String found =
          Files.isRegularFile(cache)
              ? "the file " + cache
              : "%s (%s)".formatted(cache, e.getClass().getSimpleName());
      throw new UsageException(
          List.of(
              "--host-cache: expected a folder that can be written, found %s; give another"
                  .formatted(found)));
    }
  }

  /**
   * The paths of this host in a list of jars as Spark takes it: what has no scheme, or that of
   * files.
   */
  public static List<String> localJars(String jars) {
    return Stream.of(jars.split(",", -1))
        .map(String::strip)
        .filter(jar -> !jar.isEmpty())
        .map(jar -> FILE_SCHEME.matcher(jar).replaceFirst("/"))
        .filter(jar -> !SCHEME.matcher(jar).lookingAt())
        .toList();
  }

  /** A Java machine with Spark on its class path that runs one of its main classes. */
  List<String> command(String main) {
    List<String> command = new ArrayList<>();
    Path classes = side.resolve("classes");
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + classes.resolve("bridge.options"));
    List<String> classPath = new ArrayList<>();
    classPath.add(classes.toString());
    classPath.add(side.resolve("lib") + File.separator + "*");
    // What executors get, the driver needs too: file systems of object stores above all.
    conf.stream()
        .filter(one -> one.startsWith(JARS))
        .flatMap(one -> localJars(one.substring(JARS.length())).stream())
        .forEach(classPath::add);
    // Where Spark's own scripts find it too.
    Optional.ofNullable(System.getenv(HADOOP)).ifPresent(classPath::add);
    command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), main));
    conf.forEach(one -> command.addAll(List.of("--conf", one)));
    command.addAll(List.of("--cache", hostCache));
    return command;
  }
}
