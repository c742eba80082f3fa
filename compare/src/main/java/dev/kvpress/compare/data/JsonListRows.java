package dev.kvpress.compare.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** One JSON list of objects, of which no more than one is in memory. */
final class JsonListRows implements Rows {
  /** More follows behind an element: the next one. */
  private static final ObjectReader ELEMENT =
      Line.JSON.readerFor(JsonNode.class).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final String name;
  private final JsonParser parser;
  private boolean ended;

  JsonListRows(InputStream in, String name) {
    this.name = name;
    try {
      parser = Line.JSON.createParser(in);
      // Containers looked at the first character: it opens the list.
      parser.nextToken();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  @Override
  public Optional<Row> next() {
    if (ended) {
      return Optional.empty();
    }
    try {
      if (parser.nextToken() == JsonToken.END_ARRAY) {
        ended = true;
        if (parser.nextToken() != null) {
          throw new DataException(
              place() + "expected the end of the file behind the list, found more; remove it");
        }
        return Optional.empty();
      }
      int line = parser.currentTokenLocation().getLineNr();
      JsonNode node = ELEMENT.readValue(parser);
      if (!(node instanceof ObjectNode object)) {
        throw new DataException(
            "%s:%d: expected an object in the list, found %s; write a list of objects"
                .formatted(name, line, node == null ? "the end" : JsonKinds.shown(node)));
      }
      return Optional.of(Row.of(name, line, object));
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private String place() {
    return name + ":" + parser.currentLocation().getLineNr() + ": ";
  }

  private DataException broken(IOException e) {
    if (e instanceof JsonProcessingException json && json.getLocation() != null) {
      return new DataException(
          "%s:%d: expected a JSON list of objects, but %s; mend the file"
              .formatted(name, json.getLocation().getLineNr(), Line.reason(json)),
          e);
    }
    return new DataException(name + ": cannot be read: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw broken(e);
    }
  }
}
