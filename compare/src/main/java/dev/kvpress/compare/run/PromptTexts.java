package dev.kvpress.compare.run;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.task.Probe;
import dev.kvpress.runtime.text.TextStream;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is asked, as text; questions that several samples share are decoded once. */
public final class PromptTexts {
  private final Optional<Tokenizer> tokenizer;
  private final boolean withContexts;
  private final Map<ImmutableIntArray, String> questions = new HashMap<>();

  /**
   * Texts of one run.
   *
   * @param tokenizer without one there are no texts
   * @param withContexts whether contexts are given too; they are long
   */
  public PromptTexts(Optional<Tokenizer> tokenizer, boolean withContexts) {
    this.tokenizer = tokenizer;
    this.withContexts = withContexts;
  }

  /**
   * The texts of a sample.
   *
   * @param mapped whether the tokens of its context are wanted each for itself
   */
  PlannedSample.Texts of(Probe probe, boolean mapped) {
    return new PlannedSample.Texts(
        tokenizer.map(by -> question(by, probe)).orElse(null),
        withContexts ? tokenizer.map(by -> text(by, probe.context())).orElse(null) : null,
        mapped ? tokens(probe.context()) : null);
  }

  private @Nullable String question(Tokenizer by, Probe probe) {
    return probe.asked().isEmpty()
        ? null
        : questions.computeIfAbsent(probe.asked(), ids -> text(by, ids));
  }

  private static String text(Tokenizer by, ImmutableIntArray ids) {
    return by.decode(ids.toArray()).strip();
  }

  /**
   * Text of each token, together the text of the context; a character that several tokens make
   * stands with the last of them; ids where there is no tokenizer.
   */
  private List<String> tokens(ImmutableIntArray ids) {
    List<String> pieces = new ArrayList<>();
    Optional<TextStream> text = tokenizer.map(TextStream::of);
    ids.forEach(id -> pieces.add(text.map(t -> t.add(id)).orElse(String.valueOf(id))));
    int last = pieces.size() - 1;
    text.ifPresent(t -> pieces.set(last, pieces.get(last).concat(t.end())));
    return pieces;
  }
}
