package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.scale.spark.SparkSettings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Settings of Spark that an option stands for, or that only spark-submit heeds: taken silently they
 * would count for nothing, or against what was typed. All others go to Spark as they are.
 */
final class SparkConfRules {
  private static final String SUBMIT_ONLY =
      "only spark-submit heeds it, which has no part in this; ";

  /** What to do instead, by name. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "spark.master", "the cluster is what --master says; leave it out",
          "spark.jars.packages", SUBMIT_ONLY + "give the jars with --conf spark.jars=JAR,…",
          "spark.driver.memory", SUBMIT_ONLY + "leave it out",
          "spark.driver.cores", SUBMIT_ONLY + "leave it out",
          "spark.driver.extraJavaOptions", SUBMIT_ONLY + "leave it out",
          "spark.driver.extraLibraryPath", SUBMIT_ONLY + "leave it out",
          "spark.driver.extraClassPath", SUBMIT_ONLY + "give jars with --conf spark.jars=JAR,…",
          "spark.submit.pyFiles", SUBMIT_ONLY + "leave it out");

  private static final String DEPLOY_MODE = "spark.submit.deployMode";
  private static final String CLIENT = "client";
  private static final String JARS = "spark.jars";

  private SparkConfRules() {}

  /** Notes what is wrong. */
  static void check(List<String> conf, Problems problems) {
    for (String one : conf) {
      int equals = one.indexOf('=');
      if (equals < 1) {
        problems.add("--conf: expected NAME=VALUE, found '%s'".formatted(one));
        continue;
      }
      String name = one.substring(0, equals);
      String value = one.substring(equals + 1);
      String instead = REFUSED.get(name);
      if (instead != null) {
        problems.add("--conf %s: %s".formatted(name, instead));
      } else if (name.equals(DEPLOY_MODE) && !value.equals(CLIENT)) {
        problems.add(
            "--conf %s: expected %s, since the comparison writes its results here, found '%s'; leave it out"
                .formatted(name, CLIENT, value));
      } else if (name.equals(JARS)) {
        SparkSettings.localJars(value).forEach(jar -> requireFile(jar, problems));
      }
    }
  }

  private static void requireFile(String jar, Problems problems) {
    boolean there;
    try {
      there = Files.isRegularFile(Path.of(jar)) && Files.isReadable(Path.of(jar));
    } catch (InvalidPathException e) {
      there = false;
    }
    if (!there) {
      problems.add(
          "--conf %s: expected jars that can be read, found no file %s".formatted(JARS, jar));
    }
  }
}
