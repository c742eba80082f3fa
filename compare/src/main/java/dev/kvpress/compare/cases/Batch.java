package dev.kvpress.compare.cases;

import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.JsonLines;
import dev.kvpress.compare.data.Line;
import java.util.Optional;
import java.util.function.Consumer;

/** Goes through the lines of a batch: exactly one answer for each, in order. */
public final class Batch {
  private Batch() {}

  /**
   * Answers all lines.
   *
   * @param out takes each answer, without line end
   * @return the number of lines that ended in an error
   * @throws DataException if the input cannot be read on
   */
  public static int run(JsonLines lines, CaseAnswerer answerer, Consumer<String> out) {
    int failed = 0;
    int number = 0;
    String lastFault = "";
    while (true) {
      Optional<Line> line;
      try {
        line = lines.next();
      } catch (DataException e) {
        // A line that is not UTF-8 is passed; a file that cannot be read on says the same again.
        String fault = String.valueOf(e.getMessage());
        if (fault.equals(lastFault)) {
          throw e;
        }
        lastFault = fault;
        failed++;
        number++;
        out.accept(Answer.error(number, fault));
        continue;
      }
      if (line.isEmpty()) {
        return failed;
      }
      number = line.get().number();
      String answer;
      try {
        answer = answerer.answer(line.get());
      } catch (CaseException | IllegalArgumentException | IllegalStateException e) {
        failed++;
        answer = Answer.error(number, line.get().place() + e.getMessage());
      }
      out.accept(answer);
    }
  }
}
