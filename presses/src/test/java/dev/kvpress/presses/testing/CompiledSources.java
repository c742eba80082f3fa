package dev.kvpress.presses.testing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Sources that are no part of the build, compiled against the class path of the tests. Their
 * classes stand before those of the build, of which the loader makes its own copies: a changed
 * catalogue can so be tried without changing it.
 */
public final class CompiledSources extends URLClassLoader {
  private static final String OURS = "dev.kvpress.";

  private CompiledSources(URL[] urls) {
    super(urls, CompiledSources.class.getClassLoader());
  }

  /** Compiles all Java files below a folder; fails the test with the compiler's words. */
  public static CompiledSources of(Path sources, Path classes) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-proc:none", "-cp", System.getProperty("java.class.path"), "-d", "" + classes));
    try (Stream<Path> files = Files.walk(sources)) {
      files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
    }
    JavaCompiler compiler = requireNonNull(ToolProvider.getSystemJavaCompiler(), "no JDK");
    Files.createDirectories(classes);
    StringWriter messages = new StringWriter();
    try (var manager = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          arguments.stream().filter(argument -> !argument.endsWith(".java")).toList();
      List<String> units =
          arguments.stream().filter(argument -> argument.endsWith(".java")).toList();
      boolean sound =
          compiler
              .getTask(
                  messages,
                  manager,
                  null,
                  options,
                  null,
                  manager.getJavaFileObjectsFromStrings(units))
              .call();
      assertThat(sound).as(messages.toString()).isTrue();
    }
    return new CompiledSources(new URL[] {url(classes)});
  }

  private static URL url(Path folder) throws MalformedURLException {
    return folder.toUri().toURL();
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OURS)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : own(name);
    }
  }

  private Class<?> own(String name) throws ClassNotFoundException {
    String file = name.replace('.', '/') + ".class";
    URL found = findResource(file);
    try (InputStream in =
        found == null ? getParent().getResourceAsStream(file) : found.openStream()) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  /** Runs a test class; fails with its first failure. Gives the number of tests that passed. */
  public long run(String testClass) throws ClassNotFoundException {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClass(loadClass(testClass)))
            .build(),
        listener);
    listener
        .getSummary()
        .getFailures()
        .forEach(
            failure -> {
              throw new AssertionError(
                  failure.getTestIdentifier().getDisplayName(), failure.getException());
            });
    return listener.getSummary().getTestsSucceededCount();
  }
}
