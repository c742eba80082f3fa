package dev.kvpress.compare.data;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A text to be summarised.
 *
 * @param origin where it comes from
 * @param prompt what is prefilled and compressed, instructions included; not blank
 * @param references expected summaries, at least one
 * @param stops texts at which the summary ends; none of them empty
 * @param maxTokens longest summary, if the line says so; at least 1
 */
public record SummaryRequest(
    Origin origin,
    String prompt,
    List<String> references,
    List<String> stops,
    OptionalInt maxTokens)
    implements Located {
  /** Takes copies and checks the ranges. */
  public SummaryRequest {
    Objects.requireNonNull(origin, "origin is null");
    references = ImmutableList.copyOf(references);
    stops = ImmutableList.copyOf(stops);
    if (prompt.isBlank() || references.isEmpty() || maxTokens.orElse(1) < 1) {
      throw new IllegalArgumentException(
          "prompt must not be blank, references not empty and maxTokens at least 1");
    }
    if (stops.contains("")) {
      throw new IllegalArgumentException("a stop text must not be empty");
    }
  }

  /** A generated text up to the first stop text in it; all of it where there is none. */
  public String cut(String text) {
    int end = text.length();
    for (String stop : stops) {
      int at = text.indexOf(stop);
      end = at >= 0 && at < end ? at : end;
    }
    return text.substring(0, end);
  }
}
