package dev.kvpress.compare.replay;

import dev.kvpress.compare.data.DataException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Goes through the lines of a batch: exactly one answer for each, in order. A blank line between
 * others is answered by an error; blank lines at the end are no lines.
 */
final class Batch {
  private final CaseAnswerer answerer;
  private final Consumer<String> out;
  private int blankLines;
  private int failed;

  private Batch(CaseAnswerer answerer, Consumer<String> out) {
    this.answerer = answerer;
    this.out = out;
  }

  /**
   * Answers all lines.
   *
   * @param out takes each answer, without line end
   * @return the number of lines that ended in an error
   * @throws DataException if the input cannot be read on
   */
  static int run(BatchLines lines, CaseAnswerer answerer, Consumer<String> out) {
    Batch batch = new Batch(answerer, out);
    while (lines.next()) {
      batch.line(lines);
    }
    return batch.failed;
  }

  private void line(BatchLines line) {
    String answer;
    boolean wrong = false;
    try {
      Optional<Case> asked = CaseReader.read(line, answerer.kind());
      if (asked.isEmpty()) {
        blankLines++;
        return;
      }
      answer = answerer.answer(asked.get());
    } catch (DataException e) {
      throw e;
    } catch (CaseException | IllegalArgumentException | IllegalStateException e) {
      answer = error(line.number(), String.valueOf(e.getMessage()));
      wrong = true;
    } catch (RuntimeException e) {
      // A press from a jar may fail in its own way; the lines after this one still count.
      answer = error(line.number(), "the press failed: " + e);
      wrong = true;
    }
    for (int number = line.number() - blankLines; blankLines > 0; blankLines--, number++) {
      failed++;
      out.accept(error(number, "expected one JSON object, found a blank line"));
    }
    failed += wrong ? 1 : 0;
    out.accept(answer);
  }

  private static String error(int number, String message) {
    return Answer.line(
        json ->
            json.writeStringField(
                "error", "line %d: %s".formatted(number, message.replaceAll("\\s*\\R\\s*", " "))));
  }
}
