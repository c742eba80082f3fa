package dev.kvpress.compare.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.Ints;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.metric.words.PythonText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which of several choices a row says is right. */
public final class Gold {
  private static final String HIDDEN =
      "rows of a test split often hide the answer, take the validation split";

  private Gold() {}

  /**
   * The place of the right choice by an index from 0, as a number or as text; by the text of a
   * choice; or by a letter. A text that is an index and the text of another choice as well is
   * refused.
   *
   * @param column holds it
   * @param choices texts of the choices
   * @throws dev.kvpress.compare.data.DataException if it is none of these
   */
  public static int place(Row row, String column, List<String> choices) {
    JsonNode said = row.required(column);
    String text = PythonText.strip(said.asText());
    int named = onlyPlace(text, choices);
    int index = index(said, text);
    if (said.isTextual() && isAmong(index, choices) && named >= 0 && named != index) {
      throw row.error(
          "%s: \"%s\" is the text of choice %d and the index of another; write the index as a number"
              .formatted(column, text, named));
    }
    int place = isAmong(index, choices) || said.isNumber() ? index : named;
    return checked(row, column, choices, place < 0 ? letter(said, text, choices) : place);
  }

  /**
   * The place of the right choice as lm-evaluation-harness logs it: a text that is a number is an
   * index, also where it looks like a choice.
   */
  public static int logged(Row row, String column, List<String> choices) {
    JsonNode said = row.required(column);
    String text = PythonText.strip(said.asText());
    int index = index(said, text);
    return checked(
        row, column, choices, isAmong(index, choices) ? index : onlyPlace(text, choices));
  }

  /** The place of the right choice by its label. */
  public static int label(Row row, String column, List<String> labels) {
    int place = labels.indexOf(PythonText.strip(row.required(column).asText()));
    if (place < 0) {
      throw row.error(
          "%s: expected one of the labels %s, found %s; %s"
              .formatted(column, String.join(", ", labels), row.required(column), HIDDEN));
    }
    return place;
  }

  private static int checked(Row row, String column, List<String> choices, int place) {
    if (!isAmong(place, choices)) {
      throw row.error(
          "%s: expected an index from 0 to %d, the text of a choice or its letter, found %s; %s"
              .formatted(column, choices.size() - 1, row.required(column), HIDDEN));
    }
    return place;
  }

  private static boolean isAmong(int place, List<String> choices) {
    return place >= 0 && place < choices.size();
  }

  private static int index(JsonNode said, String text) {
    @Nullable Integer parsed = said.isTextual() ? Ints.tryParse(text) : null;
    return parsed != null
        ? parsed
        : said.isIntegralNumber() && said.canConvertToInt() ? said.intValue() : -1;
  }

  /** The place of a text that stands there once. */
  private static int onlyPlace(String text, List<String> choices) {
    List<String> stripped = choices.stream().map(PythonText::strip).toList();
    int place = stripped.indexOf(text);
    return stripped.lastIndexOf(text) == place ? place : -1;
  }

  /** A letter, unless it is the text of several choices. */
  private static int letter(JsonNode said, String text, List<String> choices) {
    return said.isTextual()
            && text.length() == 1
            && Character.isLetter(text.charAt(0))
            && !choices.contains(text)
        ? Character.toUpperCase(text.charAt(0)) - 'A'
        : -1;
  }
}
