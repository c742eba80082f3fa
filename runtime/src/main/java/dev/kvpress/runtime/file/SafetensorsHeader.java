package dev.kvpress.runtime.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON object of a safetensors file tensor by tensor and without a tree: a header may
 * claim 100 MB, and as a tree it would take gigabytes.
 */
final class SafetensorsHeader {
  private static final String METADATA = "__metadata__";

  /** A few times as many as the largest mixtures of experts have. */
  private static final int MAX_TENSORS = 1 << 18;

  private static final int MAX_RANK = 16;

  private static final JsonFactory JSON = new JsonFactory();

  /** What a header says of one tensor, believed in nothing. */
  record Claim(String type, List<Long> shape, List<Long> offsets) {}

  /** What a header says: of its tensors, in their order, and beside them. */
  record Parsed(Map<String, Claim> claims, Map<String, String> metadata) {}

  private final String place;
  private final boolean withMetadata;
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafetensorsHeader(String place, boolean withMetadata) {
    this.place = place;
    this.withMetadata = withMetadata;
  }

  /**
   * Reads a header.
   *
   * @param place the file, for errors
   * @param withMetadata whether what stands beside the tensors is wanted; otherwise it is passed
   *     over, whatever it is
   */
  static Parsed parse(byte[] json, String place, boolean withMetadata) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      SafetensorsHeader header = new SafetensorsHeader(place, withMetadata);
      Map<String, Claim> claims = header.read(parser);
      return new Parsed(claims, header.metadata);
    } catch (JsonProcessingException e) {
      throw new ModelException(
          place + ": the header is no JSON: " + e.getOriginalMessage().replace('\n', ' '), e);
    }
  }

  private Map<String, Claim> read(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new ModelException(
          place + ": the header must be a JSON object, found " + parser.currentToken());
    }
    Map<String, Claim> claims = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals(METADATA) && withMetadata) {
        readMetadata(parser);
      } else if (name.equals(METADATA)) {
        parser.skipChildren();
      } else if (claims.putIfAbsent(name, claim(parser, name)) != null) {
        throw new ModelException(place + ": duplicate tensor " + name + " in the header");
      } else if (claims.size() > MAX_TENSORS) {
        throw new ModelException(place + ": more than " + MAX_TENSORS + " tensors in the header");
      }
    }
    if (parser.nextToken() != null) {
      throw new ModelException(place + ": the header goes on behind its JSON object");
    }
    return claims;
  }

  private void readMetadata(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT || !metadata.isEmpty()) {
      throw new ModelException(
          place + ": " + METADATA + " must stand once and be an object, found " + found(parser));
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw new ModelException(
            place + ": " + METADATA + ": " + name + " must be a string, found " + found(parser));
      }
      if (metadata.putIfAbsent(name, parser.getText()) != null) {
        throw new ModelException(place + ": " + METADATA + ": duplicate field " + name);
      }
    }
  }

  private Claim claim(JsonParser parser, String name) throws IOException {
    String tensor = place + ": tensor " + name;
    String type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new ModelException(
          tensor + " must be an object with dtype, shape and data_offsets, found " + found(parser));
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      boolean again =
          switch (field) {
            case "dtype" -> type != null;
            case "shape" -> shape != null;
            case "data_offsets" -> offsets != null;
            default -> throw new ModelException(tensor + ": unknown field " + field);
          };
      if (again) {
        throw new ModelException(tensor + ": duplicate field " + field);
      }
      switch (field) {
        case "dtype" -> type = text(parser, tensor);
        case "shape" -> shape = longs(parser, tensor + ": shape");
        default -> offsets = longs(parser, tensor + ": data_offsets");
      }
    }
    return new Claim(
        required(type, tensor, "dtype"),
        required(shape, tensor, "shape"),
        required(offsets, tensor, "data_offsets"));
  }

  private static <T> T required(@Nullable T value, String tensor, String field) {
    if (value == null) {
      throw new ModelException(tensor + ": field " + field + " is missing");
    }
    return value;
  }

  private static String text(JsonParser parser, String tensor) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new ModelException(tensor + ": dtype must be a string, found " + found(parser));
    }
    return parser.getText();
  }

  private static List<Long> longs(JsonParser parser, String what) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new ModelException(what + " must be a list of integers, found " + found(parser));
    }
    List<Long> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      boolean fits =
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT
              && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
              && parser.getLongValue() >= 0;
      if (!fits) {
        throw new ModelException(
            what + " must hold integers of 63 bits that are not negative, found " + found(parser));
      }
      if (values.size() == MAX_RANK) {
        throw new ModelException(what + " has more than " + MAX_RANK + " entries");
      }
      values.add(parser.getLongValue());
    }
    return List.copyOf(values);
  }

  private static String found(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
      return token == JsonToken.START_OBJECT ? "an object" : "a list";
    }
    String text = String.valueOf(parser.getText());
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }
}
