package dev.kvpress.compare.cases;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.Line;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.PressCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One line of a batch.
 *
 * @param press the spec
 * @param budget how much may stay, if the line says so
 * @param layer number of the layer
 * @param layers layers of the model
 * @param steps the tensors: one entry for {@code score}, one for each step for {@code replay}
 */
record Case(String press, Optional<Budget> budget, int layer, int layers, List<LayerInputs> steps) {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  Case {
    steps = ImmutableList.copyOf(steps);
  }

  /** Whether the tensors are one prefill or a list of steps. */
  enum Kind {
    SCORE("inputs"),
    REPLAY("steps");

    private final String field;

    Kind(String field) {
      this.field = field;
    }
  }

  /** Reads a line. */
  static Case read(Line line, Kind kind) {
    try (JsonParser parser = JSON.createParser(line.text())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new CaseException("expected one JSON object, found " + Tokens.found(parser));
      }
      Case read = new Reader(kind).read(parser);
      if (parser.nextToken() != null) {
        throw new CaseException("expected nothing after the object, found " + Tokens.found(parser));
      }
      return read;
    } catch (JsonProcessingException e) {
      String column = e.getLocation() == null ? "" : " at column " + e.getLocation().getColumnNr();
      throw new CaseException(
          "expected one complete JSON object, found something else%s: %s"
              .formatted(column, e.getOriginalMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Reader {
    private final Kind kind;
    private final List<LayerInputs> steps = new ArrayList<>();
    private @Nullable String press;
    private @Nullable Double ratio;
    private @Nullable Integer budget;
    private int layer;
    private int layers;

    Reader(Kind kind) {
      this.kind = kind;
    }

    Case read(JsonParser parser) throws IOException {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value != JsonToken.VALUE_NULL || name.equals("press") || name.equals(kind.field)) {
          field(parser, name, value);
        }
      }
      if (press == null) {
        throw new CaseException("press: expected the spec of a press, found nothing");
      }
      if (steps.isEmpty()) {
        throw new CaseException(
            kind == Kind.SCORE
                ? "inputs: expected an object of tensors, found nothing"
                : "steps: expected a list of at least one step, found nothing");
      }
      int count = layers == 0 ? layer + 1 : layers;
      if (layer >= count) {
        throw new CaseException(
            "layer: expected less than layers=%d, found %d".formatted(count, layer));
      }
      return new Case(press, budget(), layer, count, steps);
    }

    private void field(JsonParser parser, String name, JsonToken value) throws IOException {
      switch (name) {
        case "press" -> {
          if (value != JsonToken.VALUE_STRING) {
            throw new CaseException(
                "press: expected a spec such as \"h2o(local_window_size=4)\", found "
                    + Tokens.found(parser));
          }
          press = parser.getText();
        }
        case "compression_ratio" -> {
          if (!value.isNumeric()) {
            throw new CaseException(
                "compression_ratio: expected a number in [0, 1), found " + Tokens.found(parser));
          }
          ratio = parser.getDoubleValue();
        }
        case "budget" -> budget = whole(parser, name, value, 1);
        case "layer" -> layer = whole(parser, name, value, 0);
        case "layers" -> layers = whole(parser, name, value, 1);
        default -> {
          if (!name.equals(kind.field)) {
            throw PressCatalog.unknown(
                "field",
                name,
                List.of("press", "compression_ratio", "budget", "layer", "layers", kind.field));
          }
          tensors(parser, value);
        }
      }
    }

    private void tensors(JsonParser parser, JsonToken value) throws IOException {
      if (kind == Kind.SCORE) {
        steps.add(LayerInputs.read(parser, kind.field));
        return;
      }
      if (value != JsonToken.START_ARRAY) {
        throw new CaseException("steps: expected a list of steps, found " + Tokens.found(parser));
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        steps.add(LayerInputs.read(parser, "steps[" + steps.size() + "]"));
      }
    }

    private static int whole(JsonParser parser, String name, JsonToken value, int min)
        throws IOException {
      if (value == JsonToken.VALUE_NUMBER_INT
          && parser.getNumberType() == JsonParser.NumberType.INT
          && parser.getIntValue() >= min) {
        return parser.getIntValue();
      }
      throw new CaseException(
          "%s: expected a whole number of at least %d, found %s"
              .formatted(name, min, Tokens.found(parser)));
    }

    private Optional<Budget> budget() {
      if (ratio != null && budget != null) {
        throw new CaseException("give compression_ratio or budget, not both");
      }
      if (budget != null) {
        return Optional.of(Budget.tokens(budget));
      }
      return Optional.ofNullable(ratio).map(Budget::ratio);
    }
  }
}
