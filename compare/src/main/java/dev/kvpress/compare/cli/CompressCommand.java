package dev.kvpress.compare.cli;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.BuildInfo;
import dev.kvpress.compare.Problems;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.decode.Pipeline;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.saved.ContextNotes;
import dev.kvpress.runtime.text.OpenContext;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compresses a context once and keeps it in a file. */
@Command(
    name = "compress",
    mixinStandardHelpOptions = true,
    description =
        "Reads a context, compresses its cache, and keeps it in a file, on which compare answer answers questions.")
final class CompressCommand implements Action {

  @Mixin ModelOptions model = new ModelOptions();

  @Option(
      names = "--context",
      paramLabel = "FILE",
      description = "The text to compress, UTF-8, taken as it stands.")
  @Nullable String context;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "The file to write, whole or not at all; its name ends in .safetensors.")
  @Nullable String output;

  @Mixin ChunkOption chunk = new ChunkOption();

  @Option(
      names = "--chat-template",
      paramLabel = "NAME",
      description =
          "Chat template in which context and questions are what the user says: auto (the model's own, if it has one), none, text (context, question and answer as one running text), the name of one of the model's, or a file (default: ${DEFAULT-VALUE}).")
  String chatTemplate = TemplateChoice.AUTO;

  @Mixin PressChoice choice = new PressChoice();

  @Mixin Verbosity verbosity = new Verbosity();

  private final PressCatalog catalog;

  CompressCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    Optional<Path> path = model.model(problems);
    Optional<DecoderOptions> decoder = model.decoder(problems);
    Optional<CellPlan.Method> method = choice.method(catalog, problems);
    Optional<Budget> allowed = choice.budget(problems, method);
    choice.requireEffect(method, allowed, catalog, problems);
    method
        .filter(m -> m.press().press().appends().isPresent())
        .ifPresent(
            m ->
                problems.add(
                    "--press: %s lets trained tokens pass behind the context, which no file of a context can name; take another press, or use it in compare or generate"
                        .formatted(m.press().spec())));
    int chunkSize = chunk.tokens(values);
    Optional<Path> text = values.existing("--context", context, "a text file");
    Optional<Path> file = ContextOutput.of(output, path, text, problems);
    problems.throwIfAny();
    String read = read(text.orElseThrow());
    ModelText words = ModelText.of(path.orElseThrow());
    TemplateChoice template = TemplateChoice.of(path.get(), chatTemplate);
    try (DecoderModel loaded =
        ModelOpening.open(
            path.get(), decoder.orElseThrow(), verbosity.quiet ? line -> {} : console::note)) {
      words.remarks(loaded, console, verbosity.quiet);
      OpenContext open = new PromptWriter(words.fitted(loaded), template, false).context(read);
      NamedPress press = method.orElseThrow().press();
      Budget budget = allowed.orElse(Budget.FULL);
      Pipeline pipeline = new Pipeline(loaded, chunkSize, 1, words.tokenizer()::endsText);
      int[] ids = open.ids().toArray();
      requireSavable(pipeline, method.get(), budget, ids);
      try (Context compressed = pipeline.compress(ids, press.press(), budget, console::note)) {
        compressed.save(file.orElseThrow(), notes(path.get(), press, budget, template, open));
        if (compressed.achievedRatio() == 0) {
          CutRemarks.removedNothing(method.get(), budget, ids.length).ifPresent(console::note);
        }
        if (!verbosity.quiet) {
          console.note(summary(file.get(), open.ids(), compressed));
        }
      }
    }
    return ExitCode.OK;
  }

  private static void requireSavable(
      Pipeline pipeline, CellPlan.Method method, Budget budget, int[] ids) {
    Optional<String> unsavable = pipeline.unsavable(ids, method.press().press(), budget);
    if (unsavable.isPresent()) {
      throw new ModelException(
          "press '%s' goes on with the context while answers are written, and what it remembers meanwhile (%s) cannot be kept in a file; take another press, or this one with compare generate"
              .formatted(method.typed(), unsavable.get()));
    }
  }

  private static String read(Path file) {
    try {
      FileFaults.requireContent(file);
      String text = Files.readString(file);
      if (text.isBlank()) {
        throw new DataException(
            "--context: expected a text, found nothing but white space in " + file);
      }
      return text;
    } catch (IOException e) {
      throw new DataException("--context: %s: %s".formatted(file, FileFaults.reason(e)), e);
    }
  }

  private ContextNotes notes(
      Path path, NamedPress press, Budget budget, TemplateChoice template, OpenContext open) {
    String words =
        template
            .template()
            .map(ChatTemplate::describe)
            .orElse(template.isRunningText() ? TemplateChoice.TEXT : TemplateChoice.NO);
    return new ContextNotes(
        press.spec().toString(),
        budget.describe(),
        new ContextNotes.Origin(
            path.toAbsolutePath().normalize().toString(),
            Optional.ofNullable(model.weights.weights).orElse(""),
            "kvpress for Java " + BuildInfo.version()),
        new ContextNotes.Prompt(words, open.before(), open.after()));
  }

  private static String summary(Path file, ImmutableIntArray ids, Context compressed) {
    return String.format(
        Locale.ROOT,
        "%s: a context of %d tokens, %.1f %% of its cache removed (%d bytes left)",
        file,
        ids.length(),
        100 * compressed.achievedRatio(),
        compressed.logicalBytes());
  }
}
