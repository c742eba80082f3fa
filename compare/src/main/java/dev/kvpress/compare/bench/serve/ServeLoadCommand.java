package dev.kvpress.compare.bench.serve;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.compare.bench.BenchMain;
import dev.kvpress.compare.bench.Check;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench serve}: many streams, and requests that no client should send. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Loads the endpoint with concurrent streams and holds every answer against the one that the",
      "same request had alone; then, with --hostile, sends it broken, huge and wrong requests. The",
      "server is one that it starts (arguments of compare serve behind --) or that runs on this",
      "machine (--url). Half of the requests are greedy, half drawn with a seed."
    })
public final class ServeLoadCommand implements Callable<Integer> {
  private static final double WARM = 0.8;

  @Option(names = "--url", description = "A server that runs, for instance http://127.0.0.1:8080.")
  Optional<URI> url = Optional.empty();

  @Option(names = "--pid", description = "Its process, to tell its resident memory.")
  Optional<Long> pid = Optional.empty();

  @Option(
      names = "--streams",
      defaultValue = "200",
      description = "Streams at any time (default ${DEFAULT-VALUE}).")
  int streams;

  @Option(
      names = "--seconds",
      defaultValue = "120",
      description = "How long (default ${DEFAULT-VALUE}; 0: no load).")
  int seconds;

  @Option(
      names = "--max-tokens",
      defaultValue = "32",
      description = "Tokens of an answer (default ${DEFAULT-VALUE}).")
  int maxTokens;

  @Option(
      names = "--prompts",
      defaultValue = "16",
      description = "Distinct prompts (default ${DEFAULT-VALUE}).")
  int prompts;

  @Option(
      names = "--words",
      defaultValue = "100",
      description = "Words of the longest; the shortest has half (default ${DEFAULT-VALUE}).")
  int words;

  @Option(names = "--texts", description = "JSON lines with text (default: the demo's stories).")
  Optional<Path> texts = Optional.empty();

  @Option(
      names = "--leaving",
      defaultValue = "0.05",
      description =
          "Share whose client goes away behind the first piece (default ${DEFAULT-VALUE}).")
  double leaving;

  @Option(
      names = "--hostile",
      defaultValue = "0",
      description = "Requests that no client should send, afterwards (default ${DEFAULT-VALUE}).")
  int hostile;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Of draws and of hostile requests (default ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--heap",
      defaultValue = "384m",
      description =
          "Heap of the server, taken whole at its start: what is resident beside it can be told"
              + " then (default ${DEFAULT-VALUE}).")
  String heap = "384m";

  @Option(
      names = "--java-option",
      description = "A further option of the server's Java machine; may stand several times.")
  List<String> javaOptions = new ArrayList<>();

  @Option(names = "--check", description = "End with 4 if a request failed or memory stayed.")
  boolean check;

  @Parameters(description = "Arguments of compare serve, behind --.")
  List<String> arguments = new ArrayList<>();

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkArgument(
        url.isEmpty() || arguments.isEmpty(), "--url is a server that runs; drop %s", arguments);
    List<Check> checks = new ArrayList<>();
    try (ServerUnderTest server = server()) {
      Optional<String> key = Optional.ofNullable(System.getenv("KVPRESS_API_KEY"));
      CompletionClient client = new CompletionClient(server.url(), key);
      List<LoadRequest> requests = requests(client.firstModel());
      if (seconds > 0) {
        LoadPlan plan = new LoadPlan(streams, Duration.ofSeconds(seconds), requests, leaving);
        LoadReport report = new LoadRun(client, plan, server.pid()).run();
        print(report.table());
        checks.addAll(report.checks());
      }
      if (hostile > 0) {
        HostileReport report =
            new HostileRun(server.url(), client, requests.get(0)).run(hostile, seed);
        print(report.table());
        checks.addAll(report.checks());
      }
    }
    checks.forEach(one -> print(one.line()));
    return check && !checks.stream().allMatch(Check::isMet) ? BenchMain.TARGET_MISSED : 0;
  }

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }

  private ServerUnderTest server() throws IOException {
    OptionalLong process = pid.stream().mapToLong(Long::longValue).findFirst();
    return url.isPresent()
        ? ServerUnderTest.found(url.get(), process)
        : ServerUnderTest.started(heap, javaOptions, arguments);
  }

  private List<LoadRequest> requests(String model) throws IOException {
    List<LoadRequest> requests = new ArrayList<>();
    for (String prompt : LoadTexts.prompts(file(), prompts, words)) {
      boolean greedy = requests.size() % 2 == 0;
      requests.add(
          new LoadRequest(model, prompt, maxTokens, greedy ? 0 : WARM, seed + requests.size()));
    }
    return requests;
  }

  private Path file() {
    return texts.orElseGet(
        () -> {
          String home = System.getProperty("kvpress.home");
          checkArgument(home != null, "outside the repository --texts must be given");
          return Path.of(home, "test-data", "datasets", "stories.jsonl");
        });
  }
}
