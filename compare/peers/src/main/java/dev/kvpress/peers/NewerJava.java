package dev.kvpress.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A development kit that is newer than the one the project needs.
 *
 * @param home its folder
 * @param version its feature version
 */
record NewerJava(Path home, int version) {
  /** What Jlama 0.8.4 needs. */
  static final int NEEDED = 22;

  static final String ADVICE =
      "no JDK of version %d or newer found in JAVA_HOME, /usr/lib/jvm or ~/.sdkman; name one by --jlama-java"
          .formatted(NEEDED);

  private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)");

  Path program() {
    return home.resolve("bin").resolve("java");
  }

  /** The newest one in the usual places. */
  static Optional<NewerJava> find() throws IOException {
    List<Path> homes = new ArrayList<>();
    String javaHome = System.getenv("JAVA_HOME");
    if (javaHome != null) {
      homes.add(Path.of(javaHome));
    }
    for (Path folder :
        List.of(
            Path.of("/usr/lib/jvm"),
            Path.of(System.getProperty("user.home"), ".sdkman", "candidates", "java"))) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> found = Files.list(folder)) {
          found.forEach(homes::add);
        }
      }
    }
    List<NewerJava> known = new ArrayList<>();
    for (Path home : homes) {
      at(home).ifPresent(known::add);
    }
    return known.stream().max(Comparator.comparingInt(NewerJava::version));
  }

  /** The one in a folder; empty where there is none or an older one. */
  static Optional<NewerJava> at(Path home) throws IOException {
    Path release = home.resolve("release");
    if (!Files.isRegularFile(release) || !Files.isExecutable(home.resolve("bin/javac"))) {
      return Optional.empty();
    }
    Matcher matcher = VERSION.matcher(Files.readString(release));
    return matcher.find() && Integer.parseInt(matcher.group(1)) >= NEEDED
        ? Optional.of(new NewerJava(home, Integer.parseInt(matcher.group(1))))
        : Optional.empty();
  }
}
