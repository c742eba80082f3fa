package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.decode.Pipeline;
import dev.kvpress.runtime.decode.TokenResult;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.generate.Compression;
import dev.kvpress.runtime.saved.ContextNotes;
import dev.kvpress.runtime.saved.SavedContext;
import dev.kvpress.runtime.text.OpenContext;
import dev.kvpress.runtime.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Answers questions on a context that was compressed before. */
@Command(
    name = "answer",
    mixinStandardHelpOptions = true,
    description =
        "Answers questions on a context that compare compress has kept; none sees another. The answers go to standard output, each behind its question where there are several.")
final class AnswerCommand implements Action {
  private static final int DEFAULT_NEW_TOKENS = 100;

  @Mixin ModelOptions model = new ModelOptions();

  @Option(
      names = "--context",
      paramLabel = "FILE",
      description =
          "What compare compress has written. The model is looked for where it was then, unless --model says where it is.")
  @Nullable String context;

  @Option(
      names = "--question",
      paramLabel = "TEXT",
      description = "A question; may be given several times.")
  List<String> questions = new ArrayList<>();

  @Option(
      names = "--questions",
      paramLabel = "FILE",
      description = "Further questions, one a line, UTF-8; blank lines are passed over.")
  @Nullable String questionFile;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "COUNT",
      description = "At most so many tokens an answer (default: " + DEFAULT_NEW_TOKENS + ").")
  @Nullable String maxNewTokens;

  @Mixin ChunkOption chunk = new ChunkOption();

  @Mixin Verbosity verbosity = new Verbosity();

  private final PressCatalog catalog;

  AnswerCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    Optional<DecoderOptions> decoder = model.decoder(problems);
    Optional<Path> file = values.existing("--context", context, "a saved context");
    int limit = values.integer("--max-new-tokens", maxNewTokens, 1).orElse(DEFAULT_NEW_TOKENS);
    int chunkSize = chunk.tokens(values);
    List<String> all = questions(values, problems);
    problems.throwIfAny();
    SavedContext saved = SavedContext.open(file.orElseThrow());
    if (saved.card().sizes().batch() != 1) {
      throw new ModelException(
          "%s: questions are asked of a context of one row, found %d"
              .formatted(saved.file(), saved.card().sizes().batch()));
    }
    Path path = modelPath(saved, problems);
    DecoderOptions options = SavedRun.options(decoder.orElseThrow(), model, saved);
    SavedRun run = new SavedRun(catalog);
    Compression going = run.going(saved);
    ModelText words = ModelText.of(path);
    try (DecoderModel loaded =
            ModelOpening.open(path, options, verbosity.quiet ? line -> {} : console::note);
        Context compressed = loaded.loadContext(saved)) {
      words.remarks(loaded, console, verbosity.quiet);
      if (!verbosity.quiet) {
        console.note(run.describe(saved));
      }
      Tokenizer tokenizer = words.fitted(loaded);
      ContextNotes.Prompt prompt = saved.notes().prompt();
      List<int[]> asked =
          all.stream()
              .map(text -> OpenContext.asked(tokenizer, text, prompt.before(), prompt.after()))
              .toList();
      Pipeline pipeline = new Pipeline(loaded, chunkSize, limit, words.tokenizer()::endsText);
      List<TokenResult> answers = pipeline.answer(compressed, asked, going.press(), going.budget());
      for (int i = 0; i < answers.size(); i++) {
        if (answers.size() > 1) {
          console.out().println((i == 0 ? "" : System.lineSeparator()) + "> " + all.get(i));
        }
        console.out().println(words.tokenizer().decode(answers.get(i).ids().toArray()).strip());
        answers.get(i).notices().forEach(console::note);
        CutRemarks.outOfPositions(loaded, answers.get(i), limit).ifPresent(console::note);
      }
    }
    return ExitCode.OK;
  }

  private List<String> questions(Values values, Problems problems) {
    List<String> all = new ArrayList<>(questions);
    if (questionFile != null) {
      values
          .existing("--questions", questionFile, "a text file with a question a line")
          .ifPresent(found -> all.addAll(lines(found)));
    }
    if (all.isEmpty()) {
      problems.add(
          "--question: expected at least one question, found none; give --question TEXT or --questions FILE");
    }
    for (String question : all) {
      if (question.isBlank()) {
        problems.add("--question: expected a text, found a blank one; leave it out");
      }
    }
    return all;
  }

  /** Where the model is: as was said, else where it was. */
  private Path modelPath(SavedContext saved, Problems problems) {
    if (model.model != null) {
      Optional<Path> path = model.model(problems);
      problems.throwIfAny();
      return path.orElseThrow();
    }
    String noted = saved.notes().origin().model();
    try {
      Path path = Path.of(noted);
      if (!noted.isEmpty() && Files.exists(path)) {
        return path;
      }
    } catch (InvalidPathException e) {
      // Said below, as for what is not there.
    }
    throw new ModelException(
        "%s: its model %s %s; say where it is with --model PATH"
            .formatted(
                saved.file(),
                saved.card().model(),
                noted.isEmpty()
                    ? "may be anywhere, the file does not say"
                    : "was at '" + noted + "', where nothing is now"));
  }

  private static List<String> lines(Path file) {
    try {
      FileFaults.requireContent(file);
      return Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      throw new DataException("--questions: %s: %s".formatted(file, FileFaults.reason(e)), e);
    }
  }
}
