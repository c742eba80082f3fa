package dev.kvpress.compare.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;

/**
 * The process through which a comparison reaches files that are named by URIs: a line in asks, a
 * line out answers. It ends when its input does.
 */
public final class FileBridge {
  private static final String LOCAL = "local";
  private static final String CLAIM = "claim";
  private static final String PULL = "pull";
  private static final String PUSH = "push";
  private static final String OK = "ok";

  private final RemoteFiles remote;
  private final HostCache cache;
  private final Consumer<String> notices;
  private final Map<String, String> written = new HashMap<>();

  FileBridge(Configuration configuration, Path cache, Consumer<String> notices) {
    this.remote = new RemoteFiles(configuration);
    this.cache = new HostCache(cache, notices);
    this.notices = notices;
  }

  /** Answers until nobody asks any more. */
  public static void main(String[] arguments) throws IOException {
    PrintStream wire = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    // Whatever prints from here on is no answer.
    System.setOut(System.err);
    Interrupts.ignore();
    BridgeOptions options = BridgeOptions.of(arguments);
    FileBridge bridge =
        new FileBridge(
            configuration(options.conf()),
            HostCache.path(options.cache()),
            text -> wire.println(WireLine.note(text)));
    try (OutputClaims claims = new OutputClaims(bridge.remote.configuration());
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        wire.println(bridge.answer(WireLine.parse(line), claims));
      }
    }
    System.exit(0);
  }

  private static Configuration configuration(Map<String, String> given) {
    SparkConf conf = new SparkConf();
    given.forEach(conf::set);
    return SparkHadoopUtil.get().newConfiguration(conf);
  }

  /** Answers a question, with a fault whatever goes wrong. */
  WireLine answer(WireLine asked, OutputClaims claims) {
    String uri = asked.text("uri");
    Path folder = Path.of(asked.text("folder"));
    try {
      switch (asked.kind()) {
        case LOCAL -> {
          return WireLine.of(OK, LocalArguments.of(asked.object(), remote, cache));
        }
        case CLAIM -> claims.claim(uri);
        case PULL -> remote.pull(uri, folder, notices);
        case PUSH -> {
          claims.requireOwn(uri);
          remote.push(folder, uri, written);
        }
        default -> throw new IllegalArgumentException("not asked for by anybody: " + asked);
      }
      return WireLine.of(OK, asked.object());
    } catch (RuntimeException | LinkageError | FSError e) {
      e.printStackTrace();
      return WireLine.fault(FileFault.line(uri, e));
    }
  }
}
