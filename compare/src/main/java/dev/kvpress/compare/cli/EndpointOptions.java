package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.serve.ask.AskLimits;
import dev.kvpress.compare.serve.http.HttpOptions;
import dev.kvpress.compare.serve.http.ModelServer;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where an endpoint listens, to whom, and how much it takes on. */
final class EndpointOptions {
  /** The environment variable with the key that clients must send. */
  static final String KEY = "KVPRESS_API_KEY";

  private static final Pattern HOST_NAME =
      Pattern.compile("[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\\[[0-9a-f:.]+]");
  private static final int DEFAULT_PORT = 8080;
  private static final int LARGEST_PORT = 65_535;
  private static final int DEFAULT_RUNNING = 8;
  private static final int DEFAULT_WAITING = 256;
  private static final int DEFAULT_TOKENS = 4096;
  private static final int DEFAULT_CHOICES = 128;
  private static final int DEFAULT_TIME = 300;
  private static final int DEFAULT_IDLE = 30;
  private static final int DEFAULT_GRACE = 30;
  private static final int LONGEST_TIME = 7 * 24 * 3600;
  private static final long DEFAULT_BODY = 8L << 20;
  private static final long LARGEST_BODY = 1L << 30;

  /** Requests that are looked at beside those that run and wait, as short ones. */
  private static final int SPARE_REQUESTS = 16;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "Address to listen on; any but this machine's own needs a key in the environment variable "
              + KEY
              + " (default: ${DEFAULT-VALUE}).")
  String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "NUMBER",
      description = "Port to listen on, 0 for any that is free (default: " + DEFAULT_PORT + ").")
  @Nullable String port;

  @Option(
      names = "--allow-host",
      paramLabel = "NAME",
      description =
          "A further name by which clients may call this server, for instance behind a proxy; may be given several times.")
  List<String> hosts = new ArrayList<>();

  @Option(
      names = "--concurrency",
      paramLabel = "COUNT",
      description = "Answers written at once (default: " + DEFAULT_RUNNING + ").")
  @Nullable String running;

  @Option(
      names = "--queue",
      paramLabel = "COUNT",
      description =
          "Answers that may wait behind these; a further one is refused with 429 (default: "
              + DEFAULT_WAITING
              + ").")
  @Nullable String waiting;

  @Option(
      names = "--max-tokens",
      paramLabel = "COUNT",
      description = "New tokens an answer at most (default: " + DEFAULT_TOKENS + ").")
  @Nullable String maxTokens;

  @Option(
      names = "--max-choices",
      paramLabel = "COUNT",
      description =
          "Answers a request at most, prompts times n (default: " + DEFAULT_CHOICES + ").")
  @Nullable String maxChoices;

  @Option(
      names = "--max-body",
      paramLabel = "BYTES",
      description = "Bytes of a request's body at most, for instance 8m (default: 8m).")
  @Nullable String maxBody;

  @Option(
      names = "--time-limit",
      paramLabel = "SECONDS",
      description =
          "Time of an answer, waiting included; what there is of it then is the answer (default: "
              + DEFAULT_TIME
              + ").")
  @Nullable String time;

  @Option(
      names = "--idle-time",
      paramLabel = "SECONDS",
      description =
          "A connection on which nothing moves for so long is given up (default: "
              + DEFAULT_IDLE
              + ").")
  @Nullable String idle;

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      description =
          "Time that running answers have when the server is told to stop (default: "
              + DEFAULT_GRACE
              + ").")
  @Nullable String grace;

  @Option(
      names = "--access-log",
      description =
          "Write a line on standard error for each request: when, method, path, status and time; nothing of what it says.")
  boolean accessLog;

  /** Loggers whose every word is wanted. */
  Set<String> logged() {
    return accessLog ? Set.of(ModelServer.ACCESS_LOG) : Set.of();
  }

  /** Answers at once. */
  int running(Values values) {
    return values.integer("--concurrency", running, 1).orElse(DEFAULT_RUNNING);
  }

  /** Answers that wait. */
  int waiting(Values values) {
    return values.integer("--queue", waiting, 0).orElse(DEFAULT_WAITING);
  }

  /** What one request may ask for. */
  AskLimits limits(Values values, Problems problems) {
    return new AskLimits(
        values.integer("--max-tokens", maxTokens, 1).orElse(DEFAULT_TOKENS),
        choices(values, problems),
        seconds(values, problems, "--time-limit", time, DEFAULT_TIME));
  }

  /** Answers a request: never more than can be taken while nothing else is asked. */
  private int choices(Values values, Problems problems) {
    long room = (long) running(values) + waiting(values);
    int asked = values.integer("--max-choices", maxChoices, 1).orElse(DEFAULT_CHOICES);
    if (maxChoices != null && asked > room) {
      problems.add(
          "--max-choices: expected at most %d, which --concurrency and --queue take together, found %d; raise one of them"
              .formatted(room, asked));
    }
    return (int) Math.min(asked, room);
  }

  /** Why nothing can be heard where it was to listen, in a line. */
  static String cannotListen(HttpOptions http, BindException reason) {
    String said = String.valueOf(reason.getMessage());
    String lower = said.toLowerCase(Locale.ROOT);
    if (lower.contains("in use")) {
      return "--port: expected one that is free on %s, found %d, on which another program listens; stop that, or give another, or 0 for any that is free"
          .formatted(http.host(), http.port());
    }
    if (lower.contains("permission")) {
      return "--port: expected one on which this user may listen, found %d (%s); give one from 1024 on"
          .formatted(http.port(), said);
    }
    return "--host: expected an address of this machine, found '%s' (%s)"
        .formatted(http.host(), said);
  }

  /** Time to finish in. */
  Duration grace(Values values, Problems problems) {
    int given = values.integer("--grace", grace, 0).orElse(DEFAULT_GRACE);
    return Duration.ofSeconds(Math.min(given, LONGEST_TIME));
  }

  /** How it listens; empty if something is wrong. */
  Optional<HttpOptions> http(
      Values values, Problems problems, AskLimits limits, @Nullable String key) {
    int number = values.integer("--port", port, 0).orElse(DEFAULT_PORT);
    if (number > LARGEST_PORT) {
      problems.add("--port: expected at most %d, found %d".formatted(LARGEST_PORT, number));
    }
    long body = values.bytes("--max-body", maxBody).orElse(DEFAULT_BODY);
    if (body < 1 || body > LARGEST_BODY) {
      problems.add("--max-body: expected from 1 byte to 1g, found '%s'".formatted(maxBody));
    }
    Duration quiet = seconds(values, problems, "--idle-time", idle, DEFAULT_IDLE);
    Optional<String> asked = Optional.ofNullable(key).filter(text -> !text.isBlank());
    Optional<Set<String>> names = names(problems, asked.isPresent());
    int requests =
        (int)
            Math.min((long) running(values) + waiting(values) + SPARE_REQUESTS, Integer.MAX_VALUE);
    return problems.isEmpty()
        ? names.map(
            known ->
                new HttpOptions(host, number, asked, known, body, requests, quiet, limits.time()))
        : Optional.empty();
  }

  private static Duration seconds(
      Values values, Problems problems, String option, @Nullable String given, int otherwise) {
    int seconds = values.integer(option, given, 1).orElse(otherwise);
    if (seconds > LONGEST_TIME) {
      problems.add(
          "%s: expected at most %d seconds, found %d".formatted(option, LONGEST_TIME, seconds));
      return Duration.ofSeconds(otherwise);
    }
    return Duration.ofSeconds(seconds);
  }

  /** Names by which it may be called; none stands for any. */
  private Optional<Set<String>> names(Problems problems, boolean hasKey) {
    Set<String> names = new LinkedHashSet<>();
    for (String name : hosts) {
      String plain = name.strip().toLowerCase(Locale.ROOT);
      if (!HOST_NAME.matcher(plain).matches()) {
        problems.add(
            "--allow-host: expected one name or address, as in kv.example.org or [::1], without port and without wildcards, found '%s'"
                .formatted(name));
      }
      names.add(plain);
    }
    try {
      InetAddress address = InetAddress.getByName(host.replaceAll("^\\[|]$", ""));
      if (address.isLoopbackAddress()) {
        names.addAll(List.of("localhost", "127.0.0.1", "[::1]", host.toLowerCase(Locale.ROOT)));
      } else if (!hasKey) {
        problems.add(
            "--host: expected a key in the environment variable %s, since %s can be reached by others; set it, or listen on 127.0.0.1"
                .formatted(KEY, host));
      }
      return Optional.of(names);
    } catch (UnknownHostException e) {
      problems.add("--host: expected an address of this machine, found '%s'".formatted(host));
      return Optional.empty();
    }
  }
}
