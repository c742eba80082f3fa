package dev.kvpress.compare.cli;

import com.google.common.primitives.Ints;
import dev.kvpress.compare.Problems;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.generate.Generating;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.GenerationListener;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.GeneratorOptions;
import dev.kvpress.runtime.generate.Limits;
import dev.kvpress.runtime.generate.ModelWords;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.generate.SamplingOptions;
import dev.kvpress.runtime.generate.StopRules;
import dev.kvpress.runtime.generate.Usage;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Continues a prompt on a compressed cache. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = "Continues a prompt; the text goes to standard output as it comes.")
final class GenerateCommand implements Action {
  private static final int DEFAULT_NEW_TOKENS = 100;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;

  /** Some 30 years, so that nanoseconds fit. */
  private static final double MOST_SECONDS = 1e9;

  @Mixin ModelOptions model = new ModelOptions();

  @Mixin PromptOptions prompt = new PromptOptions();

  @Option(
      names = "--max-new-tokens",
      paramLabel = "COUNT",
      description = "At most so many new tokens (default: " + DEFAULT_NEW_TOKENS + ").")
  @Nullable String maxNewTokens;

  @Option(
      names = "--time-limit",
      paramLabel = "SECONDS",
      description = "Ends the text after so long, the prompt included (default: no limit).")
  @Nullable String timeLimit;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Ends the text before this; may be given several times.")
  List<String> stops = new ArrayList<>();

  @Mixin ChunkOption chunk = new ChunkOption();

  @Option(
      names = "--positions",
      paramLabel = "NAME",
      description =
          "true: tokens stand where they stood in the text; rolled: at their slots in the cache, so"
              + " that a press which evicts while decoding lets the text go on without end"
              + " (default: ${DEFAULT-VALUE}).")
  String positions = "true";

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description =
          "text, or json for one object with the text, its tokens and what it took (default:"
              + " ${DEFAULT-VALUE}).")
  String format = "text";

  @Option(
      names = "--log-probabilities",
      paramLabel = "COUNT",
      description =
          "With --format json: the log-probability of each token, and so many of the likeliest in"
              + " its place.")
  @Nullable String logProbabilities;

  @Mixin SamplingFlags sampling = new SamplingFlags();

  @Mixin PressChoice choice = new PressChoice();

  @Mixin Verbosity verbosity = new Verbosity();

  private final PressCatalog catalog;

  GenerateCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  /** What the options say. */
  private record Asked(
      Path model,
      DecoderOptions decoder,
      CellPlan.Method method,
      Budget budget,
      Positions positions,
      SamplingOptions sampling,
      StopRules stops,
      Limits limits,
      OptionalInt alternatives,
      int chunk,
      boolean json) {
    GenerationRequest request(Prompt prompt) {
      GenerationRequest request =
          GenerationRequest.of(prompt)
              .compressedBy(method.press().press(), budget)
              .at(positions)
              .sampling(sampling)
              .stoppingAt(stops)
              .within(limits);
      return alternatives.isPresent()
          ? request.withLogProbabilities(alternatives.getAsInt())
          : request;
    }
  }

  @Override
  public int run(Console console, Problems problems) {
    Asked asked = asked(problems);
    ModelText words = ModelText.of(asked.model());
    try (DecoderModel loaded =
        ModelOpening.open(
            asked.model(), asked.decoder(), verbosity.quiet ? line -> {} : console::note)) {
      words.remarks(loaded, console, verbosity.quiet);
      Optional<ChatTemplate> template =
          TemplateChoice.of(asked.model(), prompt.chatTemplate).template();
      if (!verbosity.quiet) {
        template.ifPresent(
            chat -> console.note("the prompt is written in the chat template " + chat.describe()));
      }
      GenerationRequest request = asked.request(prompt.prompt(template.isPresent()));
      GeneratorOptions how = GeneratorOptions.DEFAULT.withChunkSize(asked.chunk());
      try (Generator generator =
          Generator.over(loaded, new ModelWords(words.tokenizer(), template), how)) {
        loaded.requirePress(
            choice.press,
            request.compression().press(),
            Ints.saturatedCast(
                (long) generator.tokens(request.prompt()).length() + request.limits().maxTokens()),
            request.positions());
        return generate(generator, request, asked, console);
      }
    }
  }

  private Asked asked(Problems problems) {
    Values values = new Values(problems);
    Optional<Path> path = model.model(problems);
    Optional<DecoderOptions> decoder = model.decoder(problems);
    Optional<CellPlan.Method> method = choice.method(catalog, problems);
    prompt.check(problems);
    Optional<Budget> allowed = choice.budget(problems, method);
    choice.requireEffect(method, allowed, catalog, problems);
    int limit = values.integer("--max-new-tokens", maxNewTokens, 1).orElse(DEFAULT_NEW_TOKENS);
    int chunkSize = chunk.tokens(values);
    Positions where =
        PositionOptions.one("--positions", positions, problems).orElse(Positions.TRUE);
    Optional<Duration> time = time(values);
    boolean json =
        values.choice("--format", format, Map.of("text", false, "json", true)).orElse(false);
    OptionalInt alternatives = alternatives(values, problems, json);
    SamplingOptions chosen = sampling.options(problems, choice.defaults.seedOrDefault());
    Optional<StopRules> rules = problems.attempt(() -> new StopRules(stops, Set.of(), false));
    problems.throwIfAny();
    return new Asked(
        path.orElseThrow(),
        decoder.orElseThrow(),
        method.orElseThrow(),
        allowed.orElse(Budget.FULL),
        where,
        chosen,
        rules.orElseThrow(),
        new Limits(limit, time),
        alternatives,
        chunkSize,
        json);
  }

  private Optional<Duration> time(Values values) {
    return values
        .number(
            "--time-limit",
            timeLimit,
            seconds -> seconds > 0 && seconds <= MOST_SECONDS,
            "a number of seconds above 0")
        .stream()
        .mapToObj(seconds -> Duration.ofNanos((long) (seconds * NANOS_PER_SECOND)))
        .findFirst();
  }

  private OptionalInt alternatives(Values values, Problems problems, boolean json) {
    if (logProbabilities != null && !json) {
      problems.add(
          "--log-probabilities: expected --format json with it, since a text has no place for"
              + " them");
    }
    return values.integer("--log-probabilities", logProbabilities, 0);
  }

  /** Generates and writes what comes; Ctrl-C ends it with what there is then. */
  private int generate(
      Generator generator, GenerationRequest request, Asked asked, Console console) {
    TextPrinter printer = new TextPrinter();
    Generating running = generator.start(request, asked.json() ? GenerationListener.NONE : printer);
    StopSignal signal = StopSignal.install(console, running::cancel);
    try {
      if (!asked.json()) {
        printer.printTo(console.out());
      }
      Generation text = running.join();
      if (asked.json()) {
        boolean scored = request.alternatives().isPresent();
        console.out().print(GenerationJson.of(text, request.sampling(), scored));
      } else {
        console.out().println();
      }
      console.out().flush();
      remarks(generator.model(), asked, text, console);
      return signal.getAsBoolean() ? ExitCode.INTERNAL : ExitCode.OK;
    } catch (InterruptedException e) {
      running.cancel();
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while the text was generated");
    } finally {
      signal.close();
    }
  }

  private void remarks(DecoderModel loaded, Asked asked, Generation text, Console console) {
    text.notices().forEach(console::note);
    CutRemarks.removedNothing(asked.method(), asked.budget(), text).ifPresent(console::note);
    CutRemarks.ended(loaded, text, asked.limits()).ifPresent(console::note);
    if (!verbosity.quiet) {
      console.note(summary(text.usage()));
    }
    console.err().flush();
  }

  private static String summary(Usage usage) {
    return String.format(
        Locale.ROOT,
        "prompt of %d tokens in %.1f ms, press %.1f ms, %s%.1f %% of its cache removed (%d bytes"
            + " left); %d new tokens in %.1f ms",
        usage.promptTokens(),
        usage.prefillNanos() / NANOS_PER_MILLI,
        usage.pressNanos() / NANOS_PER_MILLI,
        usage.readTokens() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "second pass of %d tokens %.1f ms, ",
                usage.readTokens(),
                usage.readingNanos() / NANOS_PER_MILLI),
        100 * GenerationJson.removed(usage),
        usage.logicalBytes(),
        usage.generatedTokens(),
        usage.decodeNanos() / NANOS_PER_MILLI);
  }
}
