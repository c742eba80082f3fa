package dev.kvpress.compare.report.folder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.Throwables;
import dev.kvpress.compare.data.DataException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns JSON into records and says in one line what does not fit. */
final class Binding {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String AGAIN =
      "; the file is not as compare wrote it: run the comparison again";
  private static final int SHOWN_CHARACTERS = 40;

  private Binding() {}

  /**
   * One record.
   *
   * @param place the beginning of a message: file, line or field, colon
   * @throws DataException naming the field that does not fit
   */
  static <T> T to(Class<T> type, JsonNode node, String place) {
    try {
      T bound = JSON.treeToValue(node, type);
      if (bound == null) {
        throw new DataException(
            place + "expected an object with its fields, found " + node + AGAIN);
      }
      return bound;
    } catch (MismatchedInputException e) {
      throw new DataException(place + path(e) + "expected " + name(e) + found(node, e), e);
    } catch (JsonMappingException e) {
      if (Throwables.getRootCause(e) instanceof NullPointerException) {
        throw new DataException(
            place + path(e) + "expected all its parts, of which one is missing" + found(node, e),
            e);
      }
      String reason = String.valueOf(Throwables.getRootCause(e).getMessage());
      throw new DataException(place + path(e) + reason, e);
    } catch (JsonProcessingException e) {
      throw new DataException(place + e.getOriginalMessage(), e);
    }
  }

  /** A figure that is a number; null for all else. */
  static @Nullable Double real(@Nullable Double figure) {
    return figure == null || !Double.isFinite(figure) ? null : figure;
  }

  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (Reference step : e.getPath()) {
      if (step.getFieldName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return path.isEmpty() ? "" : path + ": ";
  }

  private static String name(MismatchedInputException e) {
    Class<?> type = e.getTargetType();
    if (type == null) {
      return "another value";
    }
    if (Number.class.isAssignableFrom(type) || (type.isPrimitive() && type != boolean.class)) {
      return "a number";
    }
    if (List.class.isAssignableFrom(type) || type.isArray()) {
      return "a list";
    }
    return type == String.class
        ? "a text"
        : type == boolean.class
            ? "true or false"
            : Map.class.isAssignableFrom(type) ? "an object" : "an object with its fields";
  }

  private static String found(JsonNode root, JsonMappingException e) {
    JsonNode node = root;
    for (Reference step : e.getPath()) {
      node =
          step.getFieldName() == null ? node.path(step.getIndex()) : node.path(step.getFieldName());
    }
    String text = node.isMissingNode() ? "nothing" : node.toString();
    return ", found "
        + (text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…")
        + AGAIN;
  }
}
