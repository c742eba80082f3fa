package dev.kvpress.runtime.graph;

import com.google.common.primitives.Longs;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.AttributeProto.AttributeType;
import dev.kvpress.runtime.onnx.NodeProto;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The attributes of a node by name. */
public final class NodeAttributes {
  private final Map<String, AttributeProto> attributes = new LinkedHashMap<>();

  /** Looks at a node. */
  public NodeAttributes(NodeProto node) {
    node.getAttributeList().forEach(a -> attributes.put(a.getName(), a));
  }

  /** Their names in the order of the file. */
  public Set<String> names() {
    return attributes.keySet();
  }

  /** An integer, or what stands for it where it is absent. */
  public long integer(String name, long otherwise) {
    AttributeProto found = attributes.get(name);
    return found == null ? otherwise : found.getI();
  }

  /** A float, or what stands for it where it is absent. */
  public float number(String name, float otherwise) {
    AttributeProto found = attributes.get(name);
    return found == null ? otherwise : found.getF();
  }

  /** A list of integers; empty where it is absent. */
  public Optional<long[]> integers(String name) {
    return Optional.ofNullable(attributes.get(name)).map(a -> Longs.toArray(a.getIntsList()));
  }

  /** A text, or what stands for it where it is absent. */
  public String text(String name, String otherwise) {
    AttributeProto found = attributes.get(name);
    return found == null ? otherwise : found.getS().toString(StandardCharsets.UTF_8);
  }

  /** Any of them as it is shown to people. */
  public String shown(String name) {
    AttributeProto found = attributes.get(name);
    if (found == null) {
      return "absent";
    }
    return switch (found.getType().getNumber()) {
      case AttributeType.INT_VALUE -> Long.toString(found.getI());
      case AttributeType.FLOAT_VALUE -> Float.toString(found.getF());
      case AttributeType.STRING_VALUE -> found.getS().toString(StandardCharsets.UTF_8);
      case AttributeType.INTS_VALUE -> found.getIntsList().toString();
      default -> found.getType().toString().toLowerCase(Locale.ROOT);
    };
  }
}
