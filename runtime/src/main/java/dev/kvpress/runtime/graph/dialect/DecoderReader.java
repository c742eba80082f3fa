package dev.kvpress.runtime.graph.dialect;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.OwnGraph;
import dev.kvpress.runtime.graph.SignalNames;
import dev.kvpress.runtime.graph.SignalPorts;
import dev.kvpress.runtime.graph.StatePorts;
import dev.kvpress.runtime.onnx.ModelProto;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds in a graph's inputs and outputs what makes a decoder with a KV cache. Every input must be
 * understood; outputs that are not are left alone.
 */
final class DecoderReader {
  private final PortList ports;
  private final String place;
  private final Map<String, String> metadata;
  private final Set<String> unclaimed;

  private DecoderReader(PortList ports, Map<String, String> metadata) {
    this.ports = ports;
    this.place = ports.place();
    this.metadata = metadata;
    unclaimed = new LinkedHashSet<>(ports.inputs());
  }

  /**
   * Reads a graph whose peculiarities the dialects have taken out.
   *
   * @throws ModelException saying what the graph lacks or has too much
   */
  static DecoderInterface read(String place, ModelProto model, Map<String, String> metadata) {
    return new DecoderReader(new PortList(place, model), metadata).read();
  }

  private DecoderInterface read() {
    AttentionForm form = form();
    String ids = integers("input_ids", true);
    String mask = claim("attention_mask") ? "attention_mask" : null;
    String positions = claim("position_ids") ? integers("position_ids", false) : null;
    if (!ports.hasOutput("logits")) {
      throw new ModelException(
          place
              + ": no decoder with a KV cache: output logits is missing; outputs are "
              + String.join(", ", ports.outputs()));
    }
    List<LayerPorts> layers = layers();
    boolean sequence = claim(OwnGraph.SEQUENCE_LENGTH);
    CacheShape cache = CacheShape.of(ports, layers);
    List<StatePorts> states = states();
    if (!unclaimed.isEmpty()) {
      throw new ModelException(place + ": " + UnknownInputs.refusal(unclaimed));
    }
    List<Long> logitsShape = ports.shape("logits");
    return new DecoderInterface(
        ids,
        ports.type(ids),
        mask,
        mask == null ? ElementType.INT64 : maskType(mask),
        positions,
        positions == null ? ElementType.INT64 : ports.type(positions),
        sequence ? OwnGraph.SEQUENCE_LENGTH : null,
        "logits",
        logitsShape.size() == 3 && logitsShape.get(1) == 1,
        layers,
        states,
        cache.type(),
        cache.kvHeads(),
        cache.headSize(),
        queryHeads(layers, cache.kvHeads()),
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

  /** Claims an input that holds one integer for each new token. */
  private String integers(String name, boolean required) {
    if (!claim(name) && required) {
      throw new ModelException(
          place
              + ": no decoder with a KV cache: input "
              + name
              + " is missing; inputs are "
              + String.join(", ", ports.inputs()));
    }
    int type = ports.typeNumber(name);
    boolean integers =
        type == ElementType.INT64.onnxNumber() || type == ElementType.INT32.onnxNumber();
    if (!integers) {
      throw new ModelException(
          "%s: input %s must be int64 or int32, found %s".formatted(place, name, typeWord(name)));
    }
    List<Long> shape = ports.shape(name);
    boolean rows = !ports.hasShape(name) || shape.size() == 2;
    if (!rows || (shape.size() == 2 && (shape.get(0) > 1 || shape.get(1) > 1))) {
      throw new ModelException(
          "%s: input %s must have shape [batch, tokens] with any number of tokens and a batch that is open or 1, found %s (-1 is open)"
              .formatted(place, name, shape));
    }
    return name;
  }

  private ElementType maskType(String mask) {
    ElementType type = ports.type(mask);
    List<Long> shape = ports.shape(mask);
    if ((ports.hasShape(mask) && shape.size() != 2)
        || (type != ElementType.INT64 && type != ElementType.INT32)) {
      throw new ModelException(
          "%s: input %s must be an int64 or int32 mask [batch, past + new tokens] with 1 for tokens to attend to, found %s %s (-1 is open)"
              .formatted(place, mask, typeWord(mask), shape));
    }
    return type;
  }

  private String typeWord(String name) {
    return ElementType.ofOnnx(ports.typeNumber(name))
        .map(ElementType::toString)
        .orElse("ONNX type " + ports.typeNumber(name));
  }

  private List<LayerPorts> layers() {
    List<LayerPorts> layers = new ArrayList<>();
    for (CachePorts.Layer found : CachePorts.find(ports)) {
      int n = found.number();
      claim(found.key().past());
      claim(found.value().past());
      layers.add(
          new LayerPorts(
              n,
              found.key().past(),
              found.value().past(),
              found.key().present(),
              found.value().present(),
              claim(OwnGraph.CACHE_BIAS + n) ? OwnGraph.CACHE_BIAS + n : null,
              claim(OwnGraph.CACHE_POSITIONS + n) ? OwnGraph.CACHE_POSITIONS + n : null,
              claim(OwnGraph.CACHE_LENGTH + n) ? OwnGraph.CACHE_LENGTH + n : null,
              null,
              signals(n)));
    }
    if (layers.isEmpty()) {
      throw new ModelException(
          place + ": no decoder with a KV cache: " + UnknownInputs.noCache(ports));
    }
    return layers;
  }

  private SignalPorts signals(int layer) {
    return new SignalPorts(
        outputIfPresent(SignalNames.SUMS + layer),
        outputIfPresent(SignalNames.MAXIMA + layer),
        outputIfPresent(SignalNames.ROWS + layer),
        outputIfPresent(SignalNames.ATTENTIONS + layer),
        outputIfPresent(SignalNames.QUERIES + layer),
        outputIfPresent(SignalNames.QUERIES_PRE_ROPE + layer),
        outputIfPresent(SignalNames.HIDDEN_STATES + layer));
  }

  /** Pairs such as {@code past_conv.0} and {@code present_conv.0}. */
  private List<StatePorts> states() {
    List<StatePorts> states = new ArrayList<>();
    for (String past : List.copyOf(unclaimed)) {
      Optional<String> present =
          List.of(
                  past.replaceFirst("^past_key_values", "present"),
                  past.replaceFirst("^past_key_values", "present_key_values"),
                  past.replaceFirst("^past", "present"))
              .stream()
              .filter(name -> !name.equals(past) && ports.hasOutput(name))
              .findFirst();
      if (present.isPresent() && !CacheName.isOfAnEncoder(past)) {
        claim(past);
        states.add(new StatePorts(past, present.get(), ports.type(past), ports.shape(past)));
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
      List<Long> shape = ports.shape(attentions);
      if (shape.size() == 4 && shape.get(1) > 0 && shape.get(1) % kvHeads == 0) {
        return OptionalInt.of(Math.toIntExact(shape.get(1)));
      }
    }
    return OptionalInt.empty();
  }

  private boolean claim(String name) {
    unclaimed.remove(name);
    return ports.hasInput(name);
  }

  private @Nullable String outputIfPresent(String name) {
    return ports.hasOutput(name) ? name : null;
  }
}
