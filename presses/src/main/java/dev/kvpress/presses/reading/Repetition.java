package dev.kvpress.presses.reading;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.signal.Reader;
import java.util.ArrayList;
import java.util.List;

/**
 * One part of a context and the prompt that lets the model repeat it (kvpress {@code
 * kvzip_press.py}, prepare).
 *
 * @param from first token of the part, an index into the context
 * @param to index behind its last token
 * @param ids what is read: the request, the end of the user's turn, and the part itself
 */
record Repetition(int from, int to, ImmutableIntArray ids) {
  private static final String WHOLE = "\n\nRepeat the previous context exactly.";
  private static final String PART =
      "\n\nRepeat the part of the previous context exactly, starting with";

  /**
   * The parts behind the prefix of a chat template, in order.
   *
   * @param chunk tokens of a part; the last one may be shorter
   * @param tail last tokens of a part that the request for the next one begins with
   */
  static List<Repetition> of(Reader reader, int chunk, int tail) {
    ImmutableIntArray context = reader.context();
    List<Repetition> parts = new ArrayList<>();
    int last = 0;
    for (int from = reader.prefixTokens(); from < context.length(); from = last) {
      boolean first = parts.isEmpty();
      last = (int) Math.min(context.length(), (long) from + chunk);
      ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
      ids.addAll(reader.encode(first ? WHOLE : PART));
      if (!first) {
        ids.addAll(context.subArray(Math.max(parts.get(parts.size() - 1).from, from - tail), from));
      }
      ids.addAll(reader.suffix()).addAll(context.subArray(from, last));
      parts.add(new Repetition(from, last, ids.build()));
    }
    return parts;
  }
}
