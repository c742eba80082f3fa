package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorShapeProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds in a model's inputs and outputs what makes a decoder with a KV cache. */
final class InterfaceReader {
  private static final Pattern PAST_KEY = Pattern.compile("past_key_values\\.(\\d{1,6})\\.key");

  private final String place;
  private final Map<String, String> metadata;
  private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
  private final Map<String, ValueInfoProto> outputs = new LinkedHashMap<>();
  private final Set<String> unclaimed;

  private InterfaceReader(String place, GraphProto graph, Map<String, String> metadata) {
    this.place = place;
    this.metadata = metadata;
    Set<String> constants = new HashSet<>();
    for (TensorProto constant : graph.getInitializerList()) {
      constants.add(constant.getName());
    }
    for (ValueInfoProto input : graph.getInputList()) {
      // Graphs of IR 3 list their constants among the inputs.
      if (!constants.contains(input.getName())) {
        inputs.put(input.getName(), input);
      }
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      outputs.put(output.getName(), output);
    }
    unclaimed = new LinkedHashSet<>(inputs.keySet());
  }

  static DecoderInterface read(String place, ModelProto model, Map<String, String> metadata) {
    return new InterfaceReader(place, model.getGraph(), metadata).read();
  }

  private DecoderInterface read() {
    AttentionForm form = form();
    ElementType idsType = elementType(claim("input_ids"));
    if (idsType != ElementType.INT64 && idsType != ElementType.INT32) {
      throw new ModelException(
          place + ": input input_ids must be int64 or int32, found " + idsType);
    }
    ValueInfoProto mask = claimIfPresent("attention_mask");
    ValueInfoProto positions = claimIfPresent("position_ids");
    ValueInfoProto sequence = claimIfPresent(OwnGraph.SEQUENCE_LENGTH);
    ValueInfoProto logits = output("logits");
    List<LayerPorts> layers = layers();
    ValueInfoProto key = info(inputs, layers.get(0).pastKey());
    int kvHeads = fixed(key, 1, "KV heads");
    int headSize = fixed(key, 3, "head size");
    for (LayerPorts layer : layers) {
      checkCache(layer.pastKey(), kvHeads, headSize, elementType(key));
      checkCache(layer.pastValue(), kvHeads, headSize, elementType(key));
    }
    List<StatePorts> states = states();
    if (!unclaimed.isEmpty()) {
      throw new ModelException(
          place
              + ": input "
              + String.join(", ", unclaimed)
              + " is unknown; expected are input_ids, attention_mask, position_ids,"
              + " past_key_values.N.key/value and past_X with present_X (decoders exported by"
              + " Optimum as one file with use_cache_branch must be exported without merging)");
    }
    List<Long> logitsShape = shape(logits);
    return new DecoderInterface(
        "input_ids",
        idsType,
        mask == null ? null : mask.getName(),
        positions == null ? null : positions.getName(),
        sequence == null ? null : sequence.getName(),
        "logits",
        logitsShape.size() == 3 && logitsShape.get(1) == 1,
        layers,
        states,
        elementType(key),
        kvHeads,
        headSize,
        queryHeads(layers, kvHeads),
        form,
        form != AttentionForm.FOREIGN);
  }

  private AttentionForm form() {
    String format = metadata.get(OwnGraph.KEY_FORMAT);
    if (format == null) {
      return AttentionForm.FOREIGN;
    }
    String attention = metadata.get(OwnGraph.KEY_ATTENTION);
    if (format.equals(OwnGraph.FORMAT) && OwnGraph.DECOMPOSED.equals(attention)) {
      return AttentionForm.DECOMPOSED;
    }
    if (format.equals(OwnGraph.FORMAT) && OwnGraph.FUSED.equals(attention)) {
      return AttentionForm.FUSED;
    }
    throw new ModelException(
        place
            + ": metadata kvpress.format="
            + format
            + " with kvpress.attention="
            + attention
            + " is unknown; export the model again with this version");
  }

  private List<LayerPorts> layers() {
    Set<Integer> numbers = new TreeSet<>();
    for (String name : inputs.keySet()) {
      Matcher matcher = PAST_KEY.matcher(name);
      if (matcher.matches()) {
        numbers.add(Integer.valueOf(matcher.group(1)));
      }
    }
    if (numbers.isEmpty()) {
      throw new ModelException(
          place
              + ": no decoder with a KV cache: no input past_key_values.N.key; inputs are "
              + String.join(", ", inputs.keySet())
              + " (export with past, task text-generation-with-past in Optimum)");
    }
    List<LayerPorts> layers = new ArrayList<>();
    for (int n : numbers) {
      String past = "past_key_values." + n;
      String present = "present." + n;
      ValueInfoProto bias = claimIfPresent(OwnGraph.CACHE_BIAS + n);
      ValueInfoProto cached = claimIfPresent(OwnGraph.CACHE_POSITIONS + n);
      ValueInfoProto length = claimIfPresent(OwnGraph.CACHE_LENGTH + n);
      layers.add(
          new LayerPorts(
              n,
              claim(past + ".key").getName(),
              claim(past + ".value").getName(),
              output(present + ".key").getName(),
              output(present + ".value").getName(),
              bias == null ? null : bias.getName(),
              cached == null ? null : cached.getName(),
              length == null ? null : length.getName(),
              signals(n)));
    }
    return layers;
  }

  private SignalPorts signals(int layer) {
    return new SignalPorts(
        outputIfPresent(SignalNames.SUMS + layer),
        outputIfPresent(SignalNames.ROWS + layer),
        outputIfPresent(SignalNames.ATTENTIONS + layer),
        outputIfPresent(SignalNames.QUERIES + layer),
        outputIfPresent(SignalNames.QUERIES_PRE_ROPE + layer),
        outputIfPresent(SignalNames.HIDDEN_STATES + layer));
  }

  private List<StatePorts> states() {
    List<StatePorts> states = new ArrayList<>();
    for (String name : List.copyOf(unclaimed)) {
      String present = name.replaceFirst("^past", "present");
      if (name.startsWith("past_") && outputs.containsKey(present)) {
        ValueInfoProto input = claim(name);
        states.add(new StatePorts(name, present, elementType(input), shape(input)));
      }
    }
    return states;
  }

  private OptionalInt queryHeads(List<LayerPorts> layers, int kvHeads) {
    String declared = metadata.get(OwnGraph.KEY_HEADS);
    if (declared != null && declared.matches("\\d{1,7}")) {
      int heads = Integer.parseInt(declared);
      if (heads < kvHeads || heads % kvHeads != 0) {
        throw new ModelException(
            place
                + ": metadata "
                + OwnGraph.KEY_HEADS
                + " must be a multiple of "
                + kvHeads
                + ", found "
                + heads);
      }
      return OptionalInt.of(heads);
    }
    String attentions = layers.get(0).signals().attentions();
    if (attentions != null) {
      List<Long> shape = shape(info(outputs, attentions));
      if (shape.size() == 4 && shape.get(1) > 0 && shape.get(1) % kvHeads == 0) {
        return OptionalInt.of(Math.toIntExact(shape.get(1)));
      }
    }
    return OptionalInt.empty();
  }

  private void checkCache(String name, int kvHeads, int headSize, ElementType type) {
    ValueInfoProto info = info(inputs, name);
    if (fixed(info, 1, "KV heads") != kvHeads
        || fixed(info, 3, "head size") != headSize
        || elementType(info) != type) {
      throw new ModelException(
          place
              + ": input "
              + name
              + " must be "
              + type
              + " with "
              + kvHeads
              + " KV heads of size "
              + headSize
              + " as in the first layer, found "
              + elementType(info)
              + " "
              + shape(info));
    }
  }

  private int fixed(ValueInfoProto info, int axis, String what) {
    List<Long> shape = shape(info);
    if (shape.size() != 4 || shape.get(axis) < 1 || shape.get(axis) > Integer.MAX_VALUE) {
      throw new ModelException(
          place
              + ": input "
              + info.getName()
              + " must have shape [batch, KV heads, past, head size] with a fixed number of "
              + what
              + ", found "
              + shape
              + " (-1 is open)");
    }
    return Math.toIntExact(shape.get(axis));
  }

  private ElementType elementType(ValueInfoProto info) {
    int number = info.getType().getTensorType().getElemType();
    return ElementType.ofOnnx(number)
        .orElseThrow(
            () ->
                new ModelException(
                    place
                        + ": input "
                        + info.getName()
                        + " has an element type that is not supported (ONNX type "
                        + number
                        + ")"));
  }

  private static List<Long> shape(ValueInfoProto info) {
    List<Long> shape = new ArrayList<>();
    for (TensorShapeProto.Dimension dim : info.getType().getTensorType().getShape().getDimList()) {
      shape.add(dim.hasDimValue() ? dim.getDimValue() : -1L);
    }
    return shape;
  }

  private ValueInfoProto claim(String name) {
    ValueInfoProto info = claimIfPresent(name);
    if (info == null) {
      throw new ModelException(
          place
              + ": no decoder with a KV cache: input "
              + name
              + " is missing; inputs are "
              + String.join(", ", inputs.keySet()));
    }
    return info;
  }

  private @Nullable ValueInfoProto claimIfPresent(String name) {
    unclaimed.remove(name);
    return inputs.get(name);
  }

  private ValueInfoProto output(String name) {
    ValueInfoProto info = outputs.get(name);
    if (info == null) {
      throw new ModelException(
          place
              + ": no decoder with a KV cache: output "
              + name
              + " is missing; outputs are "
              + String.join(", ", outputs.keySet()));
    }
    return info;
  }

  private @Nullable String outputIfPresent(String name) {
    return outputs.containsKey(name) ? name : null;
  }

  private static ValueInfoProto info(Map<String, ValueInfoProto> values, String name) {
    ValueInfoProto info = values.get(name);
    if (info == null) {
      throw new IllegalStateException("claimed before: " + name);
    }
    return info;
  }
}
