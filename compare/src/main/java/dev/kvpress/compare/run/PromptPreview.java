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

  /** The first sample of a task, in lines. */
  public List<String> lines(Assignment assignment) {
    Probe first = assignment.samples().probes().get(0);
    List<String> lines = new ArrayList<>();
    lines.add(
        "first prompt of task %s; data: %s; measured: %s"
            .formatted(
                assignment.describe(),
                assignment.shape(),
                assignment.task().metrics().stream()
                    .map(Metric::name)
                    .collect(Collectors.joining(", "))));
    part("context", first.context(), lines);
    part("behind it", first.asked(), lines);
    if (!first.expected().isEmpty()) {
      lines.add(
          "  expected: "
              + first.expected().stream()
                  .map(PromptPreview::quoted)
                  .collect(Collectors.joining(" or ")));
    }
    return lines;
  }

  private void part(String name, ImmutableIntArray ids, List<String> lines) {
    if (ids.isEmpty()) {
      return;
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
            lines.add(
                "  %s, %,d tokens: %s%s%s"
                    .formatted(
                        name,
                        ids.length(),
                        quoted(text(by, head)),
                        between,
                        left > 0 ? quoted(text(by, tail)) : "")));
    lines.add("  %s, ids: %s%s%s".formatted(name, plain(head), between, plain(tail)));
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
