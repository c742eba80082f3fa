package dev.kvpress.compare.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The model and the texts in the repository, with which a fresh machine has something to run. */
final class DemoFiles {
  /** The model, below the repository. */
  static final String MODEL = "test-data/models/demo";

  /** The texts, below the repository. */
  static final String DATA = "test-data/datasets/stories.jsonl";

  // bin/compare says where the repository is.
  private static final String HOME = "kvpress.home";

  private DemoFiles() {}

  /** What was given, else the repository's own where there is a repository. */
  static Optional<Path> orGiven(
      Values values, String option, @Nullable String given, String demo, String what) {
    String home = System.getProperty(HOME);
    if (given == null && home != null && Files.exists(Path.of(home, demo))) {
      return Optional.of(Path.of(home, demo));
    }
    return values.existing(option, given, what);
  }

  /** One line on what was taken because nothing was given; empty where both were given. */
  static Optional<String> remark(@Nullable String model, @Nullable String data) {
    String taken =
        Stream.of(
                model == null ? "the demo model (" + MODEL + ") since --model is not given" : "",
                data == null
                    ? "the demo stories (" + DATA + ") since --data-path is not given"
                    : "")
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(" and "));
    return taken.isEmpty() ? Optional.empty() : Optional.of("taking " + taken);
  }
}
