package dev.kvpress.compare.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.Ints;
import dev.kvpress.compare.data.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which of several choices a row says is right. */
public final class Gold {
  private Gold() {}

  /**
   * The place of the right choice, as the row says it: an index from 0, as a number or as text; the
   * text of a choice; one of the labels; or a letter. A text that is a number is an index, as
   * lm-evaluation-harness reads it, unless it is beyond the choices and the text of one.
   *
   * @param column holds it
   * @param choices texts of the choices
   * @param labels of the choices, one for each; empty where they have none
   * @throws dev.kvpress.compare.data.DataException if it is none of these
   */
  public static int place(Row row, String column, List<String> choices, List<String> labels) {
    JsonNode said = row.required(column);
    String text = said.asText().strip();
    int place = labels.indexOf(text);
    if (place < 0 && said.isIntegralNumber()) {
      place = said.intValue();
    } else if (place < 0) {
      place = ofText(text, choices);
    }
    if (place < 0 || place >= choices.size() || said.isFloat() || said.isDouble()) {
      throw row.error(
          "%s: expected an index from 0 to %d, the text of a choice or its letter, found %s; rows of a test split often hide the answer, take the validation split"
              .formatted(column, choices.size() - 1, said));
    }
    return place;
  }

  private static int ofText(String text, List<String> choices) {
    @Nullable Integer index = Ints.tryParse(text);
    if (index != null && index >= 0 && index < choices.size()) {
      return index;
    }
    List<String> stripped = choices.stream().map(String::strip).toList();
    int place = stripped.indexOf(text);
    if (place >= 0 && stripped.lastIndexOf(text) == place) {
      return place;
    }
    return place < 0 && text.length() == 1 && Character.isLetter(text.charAt(0))
        ? Character.toUpperCase(text.charAt(0)) - 'A'
        : -1;
  }
}
