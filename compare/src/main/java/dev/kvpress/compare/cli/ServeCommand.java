package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.internal.log.CommandLog;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.serve.answer.Answers;
import dev.kvpress.compare.serve.answer.Faults;
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
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.GeneratorOptions;
import dev.kvpress.runtime.generate.ModelWords;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves a model over HTTP, on compressed caches. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description =
        "Serves a model over HTTP to clients of OpenAI's interface, on caches that presses cut; see docs/serve.md.")
final class ServeCommand implements Action {

  @Mixin ModelOptions model = new ModelOptions();

  @Mixin EndpointOptions endpoint = new EndpointOptions();

  @Mixin KeptContextOptions contexts = new KeptContextOptions();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "How the model is called (default: the name of its folder or file).")
  @Nullable String name;

  @Option(
      names = "--serve-as",
      paramLabel = "NAME=PRESS[@RATIO]",
      description =
          "A further name, with the press that it stands for; may be given several times. Without one the model can be asked for as NAME:PRESS@RATIO.")
  List<String> aliases = new ArrayList<>();

  @Option(
      names = "--chat-template",
      paramLabel = "NAME",
      description =
          "Chat template in which conversations are written: auto (the model's own, if it has one), none, the name of one of the model's, or a file (default: ${DEFAULT-VALUE}).")
  String chatTemplate = TemplateChoice.AUTO;

  @Mixin ChunkOption chunk = new ChunkOption();

  @Option(
      names = "--cache-budget",
      paramLabel = "BYTES",
      description =
          "Bytes that keys and values of running answers may take; others wait (default: as many as there are).")
  @Nullable String cacheBudget;

  @Mixin PressChoice choice = new PressChoice();

  @Mixin Verbosity verbosity = new Verbosity();

  private final PressCatalog catalog;

  ServeCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  /** All that was typed, checked. */
  private record Plan(
      Path path,
      DecoderOptions decoder,
      ServedModel model,
      PressMaker maker,
      AskLimits limits,
      HttpOptions http,
      GeneratorOptions generator,
      ContextShelf.Bounds bounds,
      Optional<ContextFolder> folder,
      Duration grace) {}

  @Override
  public int run(Console console, Problems problems) {
    Plan plan = plan(problems);
    try (ServeStop stop = ServeStop.install();
        DecoderModel loaded =
            ModelOpening.open(
                plan.path(), plan.decoder(), verbosity.quiet ? line -> {} : console::note)) {
      ModelText.of(plan.path()).remarks(loaded, console, verbosity.quiet);
      serve(plan, loaded, console, stop);
    }
    return ExitCode.OK;
  }

  private void serve(Plan plan, DecoderModel loaded, Console console, ServeStop stop) {
    PressDesk desk =
        new PressDesk(plan.model().withPositions(loaded.info().maxPositions()), plan.maker());
    try (ServerMeters meters = new ServerMeters();
        Generator generator =
            Generator.over(
                loaded, words(plan.path()), plan.generator().watchedBy(meters.observer()));
        ContextShelf shelf = new ContextShelf(plan.bounds())) {
      meters.watch(generator, shelf);
      Answers answers =
          new Answers(
              generator,
              desk,
              plan.limits().withVocabulary(loaded.info().vocabulary()),
              shelf,
              plan.folder(),
              presses(loaded, plan));
      // Before it serves, what goes wrong is said by the command itself.
      try (ModelServer server = start(plan.http(), answers, meters);
          CommandLog log = CommandLog.to(console.err(), endpoint.logged())) {
        announce(plan.http(), server.port(), desk, console);
        stop.await();
        server.stop(plan.grace());
      }
    }
  }

  private static ModelServer start(HttpOptions http, Answers answers, ServerMeters meters) {
    try {
      return ModelServer.start(http, answers, meters.registry());
    } catch (BindException e) {
      throw new UsageException(List.of(EndpointOptions.cannotListen(http, e)));
    }
  }

  private PressList presses(DecoderModel loaded, Plan plan) {
    return new PressList(
        plan.maker(),
        press -> {
          try {
            loaded.requirePress(
                press.spec().toString(), press.press(), loaded.info().maxPositions().orElse(1));
            return Optional.empty();
          } catch (ModelException e) {
            return Optional.of(Faults.plain(e));
          }
        });
  }

  /** Says where it is; a port that nobody has chosen even where nothing else is said. */
  private void announce(HttpOptions http, int port, PressDesk desk, Console console) {
    if (verbosity.quiet && http.port() != 0) {
      return;
    }
    String model = desk.model().name();
    console.note(
        "http://%s:%d serves %s, press %s"
            .formatted(urlHost(http.host()), port, model, desk.named(model).describe()));
    console.err().flush();
  }

  private ModelWords words(Path path) {
    if (chatTemplate.equals(TemplateChoice.AUTO)) {
      return ModelWords.beside(path);
    }
    return new ModelWords(
        ModelWords.beside(path).tokenizer(), TemplateChoice.of(path, chatTemplate).template());
  }

  private static String urlHost(String host) {
    return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  private String nameOf(Path path) {
    if (name != null) {
      return name;
    }
    Path last = path.toAbsolutePath().normalize().getFileName();
    return last == null ? "model" : last.toString().replace(ServedModel.SEPARATOR, '_');
  }

  private Plan plan(Problems problems) {
    Values values = new Values(problems);
    Optional<Path> path = model.model(problems);
    Optional<DecoderOptions> decoder = model.decoder(problems);
    Optional<CellPlan.Method> method = choice.method(catalog, problems);
    Optional<Budget> allowed = choice.budget(problems, method);
    Map<String, PressWish> names = aliases(problems);
    AskLimits limits = endpoint.limits(values, problems);
    GeneratorOptions generator = generator(values);
    ContextShelf.Bounds bounds = contexts.bounds(values);
    Duration grace = endpoint.grace(values, problems);
    if (chatTemplate.equals(TemplateChoice.TEXT)) {
      problems.add(
          "--chat-template: expected auto, none, a name or a file, found text; conversations need a template, texts go to /v1/completions without one");
    }
    Optional<HttpOptions> http =
        endpoint.http(values, problems, limits, System.getenv(EndpointOptions.KEY));
    problems.throwIfAny();
    PressMaker maker = maker(problems);
    Optional<ServedModel> served =
        served(path.orElseThrow(), standard(method.orElseThrow(), allowed), names, problems);
    served.ifPresent(model -> requireNames(new PressDesk(model, maker), problems));
    problems.throwIfAny();
    Optional<ContextFolder> folder = contexts.folder(values, problems);
    problems.throwIfAny();
    return new Plan(
        path.get(),
        decoder.orElseThrow(),
        served.orElseThrow(),
        maker,
        limits,
        http.orElseThrow(),
        generator,
        bounds,
        folder,
        grace);
  }

  /** Makes what requests name as the server's own press is made. */
  private PressMaker maker(Problems problems) {
    UnaryOperator<String> format =
        choice
            .cache
            .format(problems)
            .map(bits -> (UnaryOperator<String>) spec -> CacheOptions.around(spec, bits))
            .orElse(UnaryOperator.identity());
    return new PressMaker(catalog, choice.defaults.defaults(catalog, problems), format);
  }

  private Optional<ServedModel> served(
      Path path, PressWish standard, Map<String, PressWish> names, Problems problems) {
    return problems.attempt(
        () ->
            new ServedModel(
                nameOf(path),
                OptionalInt.empty(),
                standard,
                names,
                Instant.now().getEpochSecond()));
  }

  /** Names that cannot be served are said before anybody asks for them. */
  private static void requireNames(PressDesk desk, Problems problems) {
    for (String each : desk.names()) {
      try {
        desk.named(each);
      } catch (ApiException e) {
        problems.add("--serve-as %s: %s".formatted(each, e.getMessage()));
      }
    }
  }

  private GeneratorOptions generator(Values values) {
    GeneratorOptions options =
        GeneratorOptions.DEFAULT
            .withMostRunning(endpoint.running(values))
            .withMostWaiting(endpoint.waiting(values))
            .withChunkSize(chunk.tokens(values));
    OptionalLong bytes = values.bytes("--cache-budget", cacheBudget);
    return bytes.isPresent() ? options.withCacheBytes(bytes.getAsLong()) : options;
  }

  private static PressWish standard(CellPlan.Method method, Optional<Budget> allowed) {
    OptionalInt tokens =
        allowed.orElse(Budget.FULL) instanceof Budget.Tokens given
            ? OptionalInt.of(given.count())
            : OptionalInt.empty();
    OptionalDouble ratio = allowed.map(Budget::compressionRatio).orElse(OptionalDouble.empty());
    return new PressWish(Optional.of(method.press().spec().toString()), ratio, tokens);
  }

  private Map<String, PressWish> aliases(Problems problems) {
    Map<String, PressWish> names = new LinkedHashMap<>();
    for (String alias : aliases) {
      int equals = alias.indexOf('=');
      if (equals < 1) {
        problems.add("--serve-as: expected NAME=PRESS[@RATIO], found '%s'".formatted(alias));
        continue;
      }
      String key = alias.substring(0, equals).strip();
      try {
        if (names.put(key, PressWish.parse(alias.substring(equals + 1))) != null) {
          problems.add("--serve-as: the name %s is given twice".formatted(key));
        }
      } catch (IllegalArgumentException e) {
        problems.add("--serve-as %s: %s".formatted(key, e.getMessage()));
      }
    }
    return names;
  }
}
