package dev.kvpress.compare.spark;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * The classes of this module as a jar, which is how Spark takes them to executors.
 *
 * @param file the jar
 */
record OwnJar(Path file) {
  /** Makes it of the folder that the classes were loaded from, or takes the jar. */
  static OwnJar make() throws IOException {
    Path source;
    try {
      source = Path.of(OwnJar.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the class path has a broken entry", e);
    }
    if (!Files.isDirectory(source)) {
      return new OwnJar(source);
    }
    Path jar = Files.createTempFile("kvpress-spark", ".jar");
    jar.toFile().deleteOnExit();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(source)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Path file : files) {
        out.putNextEntry(new JarEntry(source.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, out);
        out.closeEntry();
      }
    }
    return new OwnJar(jar);
  }

  /** The value of {@code spark.jars} with it. */
  String with(String jars) {
    return jars.isEmpty() ? file.toString() : jars + "," + file;
  }
}
