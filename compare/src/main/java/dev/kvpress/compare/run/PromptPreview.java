package dev.kvpress.compare.run;

import com.fasterxml.jackson.databind.node.TextNode;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.task.Metric;
import dev.kvpress.compare.task.Probe;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Shows what a model is going to see, before it does: the first prompt of a task. */
public final class PromptPreview {
  /** Tokens of a part that are shown at each of its ends, where it is longer. */
  private static final int SHOWN_AT_ENDS = 64;

  private final Optional<Tokenizer> tokenizer;

  /**
   * A preview.
   *
   * @param tokenizer for the texts; without one, ids alone are shown
   */
  public PromptPreview(Optional<Tokenizer> tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * A piece of what is shown.
   *
   * @param name what it is, in a word or two
   * @param text a line
   */
  public record Part(String name, String text) {}

  /** What the data is and what its first sample becomes, in lines. */
  public List<String> lines(Assignment assignment) {
    List<String> lines = new ArrayList<>();
    lines.add("first prompt of task " + assignment.describe());
    parts(assignment).forEach(part -> lines.add("  " + part.name() + ": " + part.text()));
    return lines;
  }

  /** What the data is and what its first sample becomes. */
  public List<Part> parts(Assignment assignment) {
    Probe first = assignment.samples().probes().get(0);
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("data", assignment.shape()));
    parts.add(
        new Part(
            "measured",
            assignment.task().metrics().stream()
                .map(Metric::name)
                .collect(Collectors.joining(", "))));
    parts.addAll(part("context", first.context()));
    parts.addAll(part("behind it", first.asked()));
    if (!first.expected().isEmpty()) {
      parts.add(
          new Part(
              "expected",
              first.expected().stream()
                  .map(PromptPreview::quoted)
                  .collect(Collectors.joining(" or "))));
    }
    return parts;
  }

  private List<Part> part(String name, ImmutableIntArray ids) {
    List<Part> parts = new ArrayList<>();
    if (ids.isEmpty()) {
      return parts;
    }
    int left = ids.length() - 2 * SHOWN_AT_ENDS;
    ImmutableIntArray head = left > 0 ? ids.subArray(0, SHOWN_AT_ENDS) : ids;
    ImmutableIntArray tail =
        left > 0
            ? ids.subArray(ids.length() - SHOWN_AT_ENDS, ids.length())
            : ImmutableIntArray.of();
    String between = left > 0 ? " … %,d tokens … ".formatted(left) : "";
    tokenizer.ifPresent(
        by ->
            parts.add(
                new Part(
                    "%s, %,d tokens".formatted(name, ids.length()),
                    quoted(text(by, head)) + between + (left > 0 ? quoted(text(by, tail)) : ""))));
    parts.add(new Part(name + ", ids", plain(head) + between + plain(tail)));
    return parts;
  }

  private static String plain(ImmutableIntArray ids) {
    return ids.stream().mapToObj(String::valueOf).collect(Collectors.joining(" "));
  }

  /** As a JSON string, so that blanks and line ends can be seen. */
  private static String quoted(String text) {
    return TextNode.valueOf(text).toString();
  }

  /** The text of ids with the special tokens in it, which a plain decoding leaves out. */
  private static String text(Tokenizer tokenizer, ImmutableIntArray ids) {
    StringBuilder text = new StringBuilder();
    ImmutableIntArray.Builder run = ImmutableIntArray.builder();
    for (int i = 0; i < ids.length(); i++) {
      int[] id = {ids.get(i)};
      String spelling = tokenizer.spelling(id[0]);
      if (tokenizer.decode(id).isEmpty() && !spelling.isEmpty()) {
        text.append(tokenizer.decode(run.build().toArray())).append(spelling);
        run = ImmutableIntArray.builder();
      } else {
        run.add(id[0]);
      }
    }
    return text.append(tokenizer.decode(run.build().toArray())).toString();
  }
}
