package dev.kvpress.testdata;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Golden figures: reference vectors computed by the original authors' code. The conventions stand
 * in {@code golden/README.md} beside the files.
 *
 * <p>Numbers are nested lists, row-major; {@link #floats} and {@link #ints} flatten them and {@link
 * #shape} gives the sizes, so {@code scores[b][g][s]} of {@code [B, G, S]} lies at {@code (b * G +
 * g) * S + s}.
 */
public final class Golden {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Golden() {}

  /**
   * Reads one golden file.
   *
   * @param name file name without ending, for example {@code "snapkv"}
   * @throws IllegalArgumentException if there is no such file
   */
  public static JsonNode load(String name) {
    String resource = "/golden/" + name + ".json";
    try (InputStream in = Golden.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException(
            "no golden figures named \"" + name + "\": expected the resource " + resource);
      }
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException("golden figures " + resource + " cannot be read", e);
    }
  }

  /**
   * All numbers of a nested list in order; a single number gives one element. Lists may be ragged.
   *
   * @return a new array; {@code "inf"}, {@code "-inf"}, {@code "nan"} and {@code "fmax"} (the
   *     largest float) are read as the floats they name
   */
  public static float[] floats(JsonNode nested) {
    float[] flat = new float[count(nested)];
    int[] next = {0};
    visit(nested, leaf -> flat[next[0]++] = floatOf(leaf));
    return flat;
  }

  /** All integers of a nested list in order; lists may be ragged. */
  public static int[] ints(JsonNode nested) {
    IntStream.Builder flat = IntStream.builder();
    visit(
        nested,
        leaf -> {
          if (!leaf.isInt()) {
            throw new IllegalArgumentException("expected an integer, found " + leaf);
          }
          flat.add(leaf.intValue());
        });
    return flat.build().toArray();
  }

  /**
   * Sizes of a nested list from the outside in; empty for a single number.
   *
   * @throws IllegalArgumentException if lists of one level differ in length
   */
  public static int[] shape(JsonNode nested) {
    if (!nested.isArray()) {
      return new int[0];
    }
    int[] inner = new int[0];
    for (int i = 0; i < nested.size(); i++) {
      int[] other = shape(nested.get(i));
      if (i > 0 && !Arrays.equals(inner, other)) {
        throw new IllegalArgumentException(
            "ragged list: element 0 has the shape "
                + Arrays.toString(inner)
                + " and element "
                + i
                + " the shape "
                + Arrays.toString(other));
      }
      inner = other;
    }
    int[] shape = new int[inner.length + 1];
    shape[0] = nested.size();
    System.arraycopy(inner, 0, shape, 1, inner.length);
    return shape;
  }

  private static int count(JsonNode nested) {
    int[] leaves = {0};
    visit(nested, leaf -> leaves[0]++);
    return leaves[0];
  }

  private static void visit(JsonNode node, Consumer<JsonNode> leaf) {
    if (node.isArray()) {
      node.forEach(child -> visit(child, leaf));
    } else {
      leaf.accept(node);
    }
  }

  private static float floatOf(JsonNode leaf) {
    if (leaf.isNumber()) {
      return leaf.floatValue();
    }
    return switch (leaf.asText()) {
      case "inf" -> Float.POSITIVE_INFINITY;
      case "-inf" -> Float.NEGATIVE_INFINITY;
      case "nan" -> Float.NaN;
      case "fmax" -> Float.MAX_VALUE;
      default ->
          throw new IllegalArgumentException(
              "expected a number, \"inf\", \"-inf\", \"nan\" or \"fmax\", found " + leaf);
    };
  }
}
