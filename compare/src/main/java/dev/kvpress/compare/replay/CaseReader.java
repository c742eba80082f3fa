package dev.kvpress.compare.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.PressCatalog;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one case from the stream of its line. */
final class CaseReader {
  /** NaN and Infinity are what Python's json module writes. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .build();

  /** Jackson's note of where the innermost list began, in terms of its own. */
  private static final Pattern START_MARKER = Pattern.compile("\\s*\\(start marker at .*\\)");

  private final Case.Kind kind;
  private final List<LayerInputs> steps = new ArrayList<>();
  private @Nullable String press;
  private @Nullable Double ratio;
  private @Nullable Integer budget;
  private int layer;
  private int layers;

  private CaseReader(Case.Kind kind) {
    this.kind = kind;
  }

  /**
   * Reads a line.
   *
   * @return empty if it is blank
   * @throws CaseException if it is no case
   */
  static Optional<Case> read(InputStream line, Case.Kind kind) {
    try (JsonParser parser = JSON.createParser(line)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return Optional.empty();
      }
      if (first != JsonToken.START_OBJECT) {
        throw new CaseException(
            "expected one JSON object, found "
                + JsonValues.found(parser)
                + "; write one complete object a line");
      }
      Case read = new CaseReader(kind).fields(parser);
      if (parser.nextToken() != null) {
        throw new CaseException(
            "expected nothing after the object, found "
                + JsonValues.found(parser)
                + "; write one object a line");
      }
      return Optional.of(read);
    } catch (JsonProcessingException e) {
      String column = e.getLocation() == null ? "" : " at column " + e.getLocation().getColumnNr();
      throw new CaseException(
          "expected one complete JSON object, found something else%s: %s"
              .formatted(column, START_MARKER.matcher(e.getOriginalMessage()).replaceAll("")));
    } catch (IOException e) {
      throw new CaseException("expected JSON in UTF-8, found other bytes: " + e.getMessage());
    }
  }

  private Case fields(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      boolean left = value == JsonToken.VALUE_NULL && !name.equals("press");
      if (!left || !name.equals(kind.field())) {
        field(parser, name, value, left);
      }
    }
    if (press == null) {
      throw new CaseException("press: expected the spec of a press, found nothing");
    }
    if (steps.isEmpty()) {
      throw new CaseException(
          kind == Case.Kind.SCORE
              ? "inputs: expected an object of tensors, found nothing"
              : "steps: expected a list of at least one step, found nothing");
    }
    int count = layers == 0 ? layer + 1 : layers;
    if (layer >= count) {
      throw new CaseException(
          "layer: expected a number below layers=%d, found %d".formatted(count, layer));
    }
    return new Case(press, budget(), layer, count, steps);
  }

  private void field(JsonParser parser, String name, JsonToken value, boolean left)
      throws IOException {
    switch (name) {
      case "press" -> {
        if (value != JsonToken.VALUE_STRING) {
          throw new CaseException(
              "press: expected a spec such as \"h2o(local_window_size=4)\", found "
                  + JsonValues.found(parser));
        }
        press = parser.getText();
      }
      case "compression_ratio" -> ratio = left ? null : Double.valueOf(ratio(parser, value));
      case "budget" -> budget = left ? null : Integer.valueOf(JsonValues.whole(parser, name, 1));
      case "layer" -> layer = left ? 0 : JsonValues.whole(parser, name, 0);
      case "layers" -> layers = left ? 0 : JsonValues.whole(parser, name, 1);
      default -> {
        if (!name.equals(kind.field())) {
          throw PressCatalog.unknown(
              "field",
              name,
              List.of("press", "compression_ratio", "budget", "layer", "layers", kind.field()));
        }
        tensors(parser, value);
      }
    }
  }

  private static double ratio(JsonParser parser, JsonToken value) throws IOException {
    double ratio = value.isNumeric() ? parser.getDoubleValue() : Double.NaN;
    if (!(ratio >= 0 && ratio < 1)) {
      throw new CaseException(
          "compression_ratio: expected the fraction removed, a number in [0, 1), found "
              + JsonValues.found(parser));
    }
    return ratio;
  }

  private void tensors(JsonParser parser, JsonToken value) throws IOException {
    if (kind == Case.Kind.SCORE) {
      steps.add(LayerInputs.read(parser, kind, kind.field()));
      return;
    }
    if (value != JsonToken.START_ARRAY) {
      throw new CaseException("steps: expected a list of steps, found " + JsonValues.found(parser));
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      steps.add(LayerInputs.read(parser, kind, "steps[" + steps.size() + "]"));
    }
  }

  private Optional<Budget> budget() {
    if (ratio != null && budget != null) {
      throw new CaseException("compression_ratio and budget: expected one of them, found both");
    }
    if (budget != null) {
      return Optional.of(Budget.tokens(budget));
    }
    return Optional.ofNullable(ratio).map(Budget::ratio);
  }
}
