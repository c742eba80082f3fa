package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.decode.TokenGenerator;
import dev.kvpress.runtime.decode.TokenRequest;
import dev.kvpress.runtime.decode.TokenResult;
import dev.kvpress.runtime.text.PromptFrame;
import dev.kvpress.runtime.text.TextStream;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.chat.ChatMessage;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Continues a prompt on a compressed cache. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = "Continues a prompt greedily; the text goes to standard output.")
final class GenerateCommand implements Action {
  private static final int DEFAULT_NEW_TOKENS = 100;
  private static final int DEFAULT_CHUNK = 256;
  private static final double NANOS_PER_MILLI = 1e6;

  @Mixin ModelOptions model = new ModelOptions();

  @Option(names = "--prompt", paramLabel = "TEXT", description = "What to continue.")
  @Nullable String prompt;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "COUNT",
      description = "At most so many new tokens (default: " + DEFAULT_NEW_TOKENS + ").")
  @Nullable String maxNewTokens;

  @Option(
      names = "--chunk-size",
      paramLabel = "TOKENS",
      description = "Tokens a pass of the prompt (default: " + DEFAULT_CHUNK + ").")
  @Nullable String chunkSize;

  @Option(
      names = "--chat-template",
      paramLabel = "NAME",
      description =
          "Chat template in which the prompt is what the user says: auto (the model's own, if it has one), none, the name of one of the model's, or a file (default: ${DEFAULT-VALUE}).")
  String chatTemplate = TemplateChoice.AUTO;

  @Option(
      names = "--positions",
      paramLabel = "NAME",
      description =
          "true: tokens stand where they stood in the text; rolled: at their slots in the cache, so that a press which evicts while decoding lets the text go on without end (default: ${DEFAULT-VALUE}).")
  String positions = "true";

  @Mixin PressChoice choice = new PressChoice();

  @Mixin Verbosity verbosity = new Verbosity();

  private final PressCatalog catalog;

  GenerateCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    Optional<Path> path = model.model(problems);
    Optional<DecoderOptions> decoder = model.decoder(problems);
    Optional<CellPlan.Method> method = choice.method(catalog, problems);
    if (prompt == null) {
      problems.add("--prompt: expected a text, found nothing");
    }
    Optional<Budget> allowed = choice.budget(problems, method);
    int limit = values.integer("--max-new-tokens", maxNewTokens, 1).orElse(DEFAULT_NEW_TOKENS);
    int chunk = values.integer("--chunk-size", chunkSize, 1).orElse(DEFAULT_CHUNK);
    Positions where =
        PositionOptions.one("--positions", positions, problems).orElse(Positions.TRUE);
    problems.throwIfAny();
    ModelText words = ModelText.of(path.orElseThrow());
    try (DecoderModel loaded =
        ModelOpening.open(
            path.get(), decoder.orElseThrow(), verbosity.quiet ? line -> {} : console::note)) {
      ModelPress made = method.orElseThrow().press().press();
      words.remarks(loaded, console, verbosity.quiet);
      Optional<ChatTemplate> template = TemplateChoice.of(path.get(), chatTemplate).template();
      if (!verbosity.quiet) {
        template.ifPresent(
            chat -> console.note("the prompt is written in the chat template " + chat.describe()));
      }
      Tokenizer fitted = words.fitted(loaded);
      int[] ids = encode(fitted, template, String.valueOf(prompt));
      if (made.readsAgain()) {
        loaded.prompts().use(PromptFrame.of(fitted, template));
      }
      loaded.requirePress(choice.press, made, Math.addExact(ids.length, limit), where);
      TextStream text = TextStream.behind(words.tokenizer(), ids);
      TokenResult result =
          TokenGenerator.generate(
              loaded,
              ids,
              new TokenRequest(limit, chunk, made, allowed.orElse(Budget.FULL), where),
              words.tokenizer()::endsText,
              id -> {
                console.out().print(text.add(id));
                console.out().flush();
              });
      console.out().println(text.end());
      result.notices().forEach(console::note);
      CutRemarks.removedNothing(method.get(), allowed.orElse(Budget.FULL), ids.length, result)
          .ifPresent(console::note);
      CutRemarks.outOfPositions(loaded, result, limit).ifPresent(console::note);
      if (!verbosity.quiet) {
        console.note(summary(ids.length, result));
      }
    }
    return ExitCode.OK;
  }

  private static int[] encode(Tokenizer tokenizer, Optional<ChatTemplate> template, String prompt) {
    return template
        .map(chat -> chat.render(List.of(ChatMessage.user(prompt)), true, Map.of()))
        .map(tokenizer::encodeFragment)
        .orElseGet(() -> tokenizer.encode(prompt));
  }

  private static String summary(int promptTokens, TokenResult result) {
    double removed = 1.0 - (double) result.keptTokens() / result.seenTokens();
    long decodeNanos = result.stepNanos().stream().sum();
    return String.format(
        Locale.ROOT,
        "prompt of %d tokens in %.1f ms, press %.1f ms, %s%.1f %% of its cache removed (%d bytes left); %d new tokens in %.1f ms",
        promptTokens,
        result.prefillNanos() / NANOS_PER_MILLI,
        result.pressNanos() / NANOS_PER_MILLI,
        result.readTokens() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "second pass of %d tokens %.1f ms, ",
                result.readTokens(),
                result.readingNanos() / NANOS_PER_MILLI),
        100 * removed,
        result.logicalBytes(),
        result.ids().length(),
        decodeNanos / NANOS_PER_MILLI);
  }
}
