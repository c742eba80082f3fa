package dev.kvpress.compare.task;

import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Located;
import dev.kvpress.compare.data.Origin;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.SampleReader;
import dev.kvpress.compare.prompt.PromptTokens;
import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Collects the samples of a file that fit the model, and counts the others. */
final class Sieve {
  private final TaskInput input;
  private final List<Probe> probes = new ArrayList<>();
  private final List<Remark> notices = new ArrayList<>();
  private int tooLong;
  private int needed = Integer.MAX_VALUE;
  private String firstTooLong = "";
  private int cut;
  private int firstCut;

  Sieve(TaskInput input) {
    this.input = input;
  }

  /**
   * Takes the lines of a file until there are as many samples as were asked for.
   *
   * @param lines is closed
   * @param probe makes a sample of a line
   */
  static <T extends Located> TaskData of(
      TaskInput input, SampleReader<T> lines, Function<T, Probe> probe) {
    Sieve sieve = new Sieve(input);
    try (lines) {
      // Rows behind those that were asked for are not looked at.
      while (!sieve.isFull()) {
        Optional<T> next = lines.next();
        if (next.isEmpty()) {
          break;
        }
        sieve.add(next.get(), probe);
      }
      lines.notices().forEach(sieve::notice);
    }
    return sieve.data();
  }

  /** Whether there are as many samples as were asked for. */
  boolean isFull() {
    return probes.size() >= input.maxSamples();
  }

  /**
   * Takes a sample if its context and what follows fit; the first ones of a file that gives the
   * solved examples are those examples and no questions.
   */
  void add(Probe probe) {
    if (probe.sample() < examples()) {
      return;
    }
    int length = probe.positions();
    if (length > input.rules().limit()) {
      tooLong++;
      needed = Math.min(needed, length);
    } else {
      probes.add(probe);
    }
  }

  /**
   * The same for a line of a file, which is named where it cannot be used.
   *
   * @throws DataException if the line needs a token that the model does not have
   */
  private <T extends Located> void add(T line, Function<T, Probe> probe) {
    int before = tooLong;
    try {
      Probe made = probe.apply(line);
      add(made);
      if (line instanceof Question question && made instanceof PromptProbe prompt) {
        measure(question, prompt.most());
      }
    } catch (ModelException e) {
      throw new DataException(line.origin().place() + e.getMessage(), e);
    }
    if (before == 0 && tooLong > 0) {
      firstTooLong = " (first: line " + line.origin().line() + ")";
    }
  }

  /** Counts questions none of whose answers can be given in full. */
  private void measure(Question question, int most) {
    Tokenizer tokenizer = tokenizer(input);
    // With a blank in front of it or without, whichever is shorter: the model may begin either way.
    boolean fits =
        question.answers().stream()
            .flatMap(answer -> Stream.of(answer, " " + answer))
            .anyMatch(answer -> tokenizer.encodeFragment(answer).length <= most);
    if (!fits) {
      firstCut = cut == 0 ? question.origin().line() : firstCut;
      cut++;
    }
  }

  private int examples() {
    TaskOptions.Shots shots = input.options().shots();
    try {
      return shots.training().isPresent() && Files.isSameFile(shots.training().get(), input.file())
          ? shots.count()
          : 0;
    } catch (IOException e) {
      throw new DataException(
          "--shots-from: it cannot be told whether it is the data itself: " + e.getMessage(), e);
    }
  }

  /** Something to be said of the samples. */
  void notice(Remark remark) {
    notices.add(remark);
  }

  /**
   * What there is.
   *
   * @throws DataException if no sample fits
   */
  TaskData data() {
    if (probes.isEmpty() && tooLong == 0) {
      throw new DataException(
          input.file()
              + ": expected samples beside the examples of --shots, found none; lower --shots");
    }
    if (probes.isEmpty()) {
      throw new DataException(
          "%s: all %d samples are longer than %d tokens (%s), the shortest has %d with its answer; give shorter contexts%s or a lower --max-new-tokens"
              .formatted(
                  input.file(),
                  tooLong,
                  input.rules().limit(),
                  input.rules().limitName(),
                  needed,
                  input.options().shots().count() > 0 ? ", fewer or shorter --shots" : ""));
    }
    if (tooLong > 0) {
      notices.add(
          Remark.onFigures(
              "%s: skipped %d of %d samples, which with their answers are longer than %d tokens, %s%s"
                  .formatted(
                      input.file(),
                      tooLong,
                      tooLong + probes.size(),
                      input.rules().limit(),
                      input.rules().limitName(),
                      firstTooLong)));
    }
    if (cut > 0) {
      notices.add(
          Remark.onFigures(
              "%s: the answers of %d of %d samples are longer than what is generated (first: line %d); raise --max-new-tokens"
                  .formatted(input.file(), cut, probes.size() + tooLong, firstCut)));
    }
    return new TaskData(probes, notices);
  }

  /**
   * The tokenizer, which tasks on texts cannot do without.
   *
   * @throws DataException if the model has none
   */
  static Tokenizer tokenizer(TaskInput input) {
    return input
        .tokenizer()
        .orElseThrow(
            () ->
                new DataException(
                    input.file()
                        + ": holds text, but no tokenizer lies beside the model ("
                        + Tokenizers.KNOWN_FILES
                        + "); add one"));
  }

  /** Writes the prompts of the model. */
  static PromptWriter prompts(TaskInput input, Tokenizer tokenizer) {
    TaskOptions options = input.options();
    return new PromptWriter(tokenizer, options.chatTemplate(), options.queryAware());
  }

  /**
   * The tokens of a prompt.
   *
   * @throws DataException naming the line if there are too few
   */
  static PromptTokens placed(Origin origin, Supplier<PromptTokens> prompt) {
    try {
      return prompt.get();
    } catch (IllegalArgumentException e) {
      throw new DataException(origin.place() + e.getMessage() + "; give a longer text", e);
    }
  }
}
