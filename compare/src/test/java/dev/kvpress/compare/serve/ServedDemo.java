package dev.kvpress.compare.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.compare.serve.answer.Answers;
import dev.kvpress.compare.serve.ask.AskLimits;
import dev.kvpress.compare.serve.http.HttpOptions;
import dev.kvpress.compare.serve.http.ModelServer;
import dev.kvpress.compare.serve.http.ServerMeters;
import dev.kvpress.compare.serve.model.ContextFolder;
import dev.kvpress.compare.serve.model.ContextShelf;
import dev.kvpress.compare.serve.model.PressDesk;
import dev.kvpress.compare.serve.model.PressList;
import dev.kvpress.compare.serve.model.PressMaker;
import dev.kvpress.compare.serve.model.PressWish;
import dev.kvpress.compare.serve.model.ServedModel;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.generate.Compression;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.GeneratorOptions;
import dev.kvpress.runtime.generate.ModelWords;
import dev.kvpress.runtime.ort.Provider;
import dev.kvpress.runtime.text.ChatTemplates;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A server over the demo model, and a client that speaks to it. */
final class ServedDemo implements AutoCloseable {
  static final Path MODEL = Path.of("..", "test-data", "models", "demo");
  static final String H2O = "h2o(local_window_size=4)";
  static final ObjectMapper JSON = new ObjectMapper();

  // Each message in a line, as short as a template can be; nothing else is different from one's
  // own.
  private static final String TEMPLATE =
      "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
          + "{% if add_generation_prompt %}assistant:{% endif %}";

  /**
   * What differs from test to test.
   *
   * @param key that clients must send
   * @param running answers at once
   * @param waiting answers that wait
   * @param maxBody bytes of a request
   * @param idle after which a quiet connection is given up
   * @param time of an answer
   * @param contexts folder of stored contexts
   * @param shelf how many contexts are kept
   */
  record Settings(
      Optional<String> key,
      int running,
      int waiting,
      long maxBody,
      Duration idle,
      Duration time,
      Optional<Path> contexts,
      int shelf) {
    static final Settings USUAL =
        new Settings(
            Optional.empty(),
            4,
            64,
            1 << 20,
            Duration.ofSeconds(20),
            Duration.ofSeconds(60),
            Optional.empty(),
            4);

    Settings withKey(String secret) {
      return new Settings(
          Optional.of(secret), running, waiting, maxBody, idle, time, contexts, shelf);
    }

    Settings withRoom(int atOnce, int behind) {
      return new Settings(key, atOnce, behind, maxBody, idle, time, contexts, shelf);
    }

    Settings withIdle(Duration other) {
      return new Settings(key, running, waiting, maxBody, other, time, contexts, shelf);
    }

    Settings withTime(Duration other) {
      return new Settings(key, running, waiting, maxBody, idle, other, contexts, shelf);
    }

    Settings withContexts(Path folder, int kept) {
      return new Settings(key, running, waiting, maxBody, idle, time, Optional.of(folder), kept);
    }
  }

  private final DecoderModel model;
  final Generator generator;
  final ServerMeters meters = new ServerMeters();
  final ContextShelf shelf;
  final ModelServer server;
  final HttpClient client = HttpClient.newHttpClient();
  private final Settings settings;

  ServedDemo(Path cache, Settings settings) {
    this.settings = settings;
    model = DecoderModel.open(MODEL, new DecoderOptions(Provider.CPU, 0, 1, cache));
    ModelWords words =
        new ModelWords(ModelWords.beside(MODEL).tokenizer(), Optional.of(template(cache)));
    generator =
        Generator.over(
            model,
            words,
            GeneratorOptions.DEFAULT
                .withMostRunning(settings.running())
                .withMostWaiting(settings.waiting())
                .watchedBy(meters.observer()));
    ServedModel served =
        new ServedModel(
            "demo",
            model.info().maxPositions(),
            PressWish.NONE,
            Map.of("org/half", PressWish.parse(H2O + "@0.5")),
            1);
    PressCatalog catalog = PressCatalog.load();
    PressMaker maker = new PressMaker(catalog, PressDefaults.NONE, UnaryOperator.identity());
    PressDesk desk = new PressDesk(served, maker);
    shelf = new ContextShelf(new ContextShelf.Bounds(settings.shelf(), 1 << 28));
    meters.watch(generator, shelf);
    Answers answers =
        new Answers(
            generator,
            desk,
            new AskLimits(
                4000,
                Math.min(16, settings.running() + settings.waiting()),
                settings.time(),
                model.info().vocabulary()),
            shelf,
            settings.contexts().map(folder -> new ContextFolder(folder, 1 << 28)),
            new PressList(maker, press -> Optional.empty()));
    server = started(answers);
  }

  private ModelServer started(Answers answers) {
    try {
      return ModelServer.start(http(), answers, meters.registry());
    } catch (BindException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpOptions http() {
    return new HttpOptions(
        "127.0.0.1",
        0,
        settings.key(),
        Set.of("localhost", "127.0.0.1"),
        settings.maxBody(),
        settings.running() + settings.waiting() + 8,
        settings.idle(),
        settings.time());
  }

  private static ChatTemplate template(Path folder) {
    try {
      Path file = Files.writeString(folder.resolve("chat.jinja"), TEMPLATE);
      return ChatTemplates.beside(MODEL).ofFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  /**
   * An answer.
   *
   * @param body as text
   */
  record Reply(int status, HttpResponse<String> response, String body) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new AssertionError("no JSON: " + body, e);
      }
    }

    JsonNode error() {
      return json().get("error");
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    /** The pieces of a stream, without its end, which must be there. */
    List<JsonNode> pieces() {
      List<JsonNode> pieces = new ArrayList<>();
      List<String> lines = body.lines().filter(line -> line.startsWith("data: ")).toList();
      if (!lines.get(lines.size() - 1).equals("data: [DONE]")) {
        throw new AssertionError("no end: " + body);
      }
      for (String line : lines.subList(0, lines.size() - 1)) {
        pieces.add(new Reply(status, response, line.substring("data: ".length())).json());
      }
      return pieces;
    }
  }

  Reply send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Reply(response.statusCode(), response, response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  Reply get(String path) {
    return send(HttpRequest.newBuilder(uri(path)));
  }

  HttpRequest.Builder request(String path, String body) {
    return HttpRequest.newBuilder(uri(path))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  /** Posts what is written with single quotes for double ones. */
  Reply post(String path, String body) {
    return send(request(path, body.replace('\'', '"')));
  }

  /** A completion with further fields, greedy and short unless they say otherwise. */
  Reply completion(String fields) {
    return post(
        "/v1/completions", "{'model':'demo','temperature':0,'max_tokens':8," + fields + "}");
  }

  /** A greedy completion with further fields. */
  Reply plain(String fields) {
    return post("/v1/completions", "{'model':'demo','temperature':0," + fields + "}");
  }

  /** A chat answer with further fields. */
  Reply chat(String fields) {
    return post(
        "/v1/chat/completions", "{'model':'demo','temperature':0,'max_tokens':8," + fields + "}");
  }

  /** What a press and a ratio are for the library. */
  static Compression compression(String spec, double ratio) {
    return new Compression(PressCatalog.load().make(spec).press(), Budget.ratio(ratio));
  }

  /** Waits until nothing is generated and no request is being answered. */
  void awaitQuiet() throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (generator.running() + generator.waiting() + server.running() > 0) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "still running: %d generations, %d requests"
                .formatted(generator.running(), server.running()));
      }
      Thread.sleep(5);
    }
  }

  @Override
  public void close() {
    server.close();
    shelf.close();
    generator.close();
    model.close();
    meters.close();
  }
}
