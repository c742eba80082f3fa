package dev.kvpress.runtime.export.architecture;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What everybody outside the exporter needs to know of a decoder; what a single architecture needs
 * beyond it stays there.
 *
 * @param architecture class name in Hugging Face's terms, such as LlamaForCausalLM
 * @param hidden hidden size E
 * @param vocab vocabulary V, as many rows as the output matrix has
 * @param maxPositions positions the model was made for
 * @param ropes the rotary embeddings that its layers use
 * @param plan one entry a layer; all have the same KV heads and head size
 */
public record DecoderConfig(
    String architecture,
    int hidden,
    int vocab,
    int maxPositions,
    List<Rope> ropes,
    List<LayerPlan> plan) {

  // Far above any known model; they keep every product of two sizes within long and every graph
  // within the limits of protobuf.
  private static final int MAX_LAYERS = 4096;
  private static final int MAX_SIZE = 1 << 24;
  private static final int MAX_HEAD_SIZE = 1 << 14;
  private static final int MAX_HEADS = 1 << 14;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  /** Checks the ranges and that the layers fit each other. */
  public DecoderConfig {
    requireNonNull(architecture, "architecture is null");
    ropes = List.copyOf(ropes);
    plan = List.copyOf(plan);
    requireLayers(plan.size());
    checkRange("hidden size", hidden, MAX_SIZE);
    checkRange("vocabulary", vocab, MAX_SIZE);
    checkRange("positions", maxPositions, Integer.MAX_VALUE);
    AttentionShape first = plan.get(0).attention();
    requireHeadSize(first.headSize());
    requireHeads(first.heads());
    checkArgument(
        (long) first.heads() * first.headSize() <= MAX_SIZE,
        "heads times head size must not exceed %s, found %s times %s",
        MAX_SIZE,
        first.heads(),
        first.headSize());
    for (LayerPlan layer : plan) {
      AttentionShape shape = layer.attention();
      checkArgument(
          shape.heads() == first.heads()
              && shape.kvHeads() == first.kvHeads()
              && shape.headSize() == first.headSize(),
          "all layers must have the same heads, found %s and %s",
          first,
          shape);
      checkArgument(
          layer.rope() < ropes.size(),
          "a layer names rotary embedding %s of %s",
          layer.rope(),
          ropes.size());
      if (layer.rope() >= 0) {
        checkArgument(
            2 * ropes.get(layer.rope()).pairs() <= shape.headSize(),
            "the rotary embedding turns %s channels of a head of %s",
            2 * ropes.get(layer.rope()).pairs(),
            shape.headSize());
      }
    }
  }

  /** Before a plan of so many is made. */
  static void requireLayers(int layers) {
    checkRange("layers", layers, MAX_LAYERS);
  }

  /** Before anything is made for each of so many. */
  static void requireHeads(int heads) {
    checkRange("heads", heads, MAX_HEADS);
  }

  /** Before a rotary embedding of so many channels is computed. */
  static void requireHeadSize(int headSize) {
    checkRange("head size", headSize, MAX_HEAD_SIZE);
  }

  private static void checkRange(String name, int value, int max) {
    checkArgument(value >= 1 && value <= max, "%s must be in [1, %s], found %s", name, max, value);
  }

  /** Number of layers. */
  public int layers() {
    return plan.size();
  }

  /** Query heads H. */
  public int heads() {
    return plan.get(0).attention().heads();
  }

  /** KV heads G. */
  public int kvHeads() {
    return plan.get(0).attention().kvHeads();
  }

  /** Head size D. */
  public int headDim() {
    return plan.get(0).attention().headSize();
  }

  /** Query heads that share one KV head, g. */
  public int groupSize() {
    return plan.get(0).attention().groupSize();
  }

  /** The rotary embedding of a layer; empty where it has none. */
  public Optional<Rope> rope(int layer) {
    int index = plan.get(layer).rope();
    return index < 0 ? Optional.empty() : Optional.of(ropes.get(index));
  }

  /** Whether ONNX Runtime's fused operator can compute every layer. */
  public boolean fusable() {
    return plan.stream().allMatch(layer -> layer.attention().fusable());
  }

  /** The record as JSON, as it stands in the metadata of exported graphs. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of numbers must be writable", e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @param place where the text comes from, for errors
   * @throws ModelException if the text is not such JSON
   */
  public static DecoderConfig fromJson(String json, String place) {
    try {
      return JSON.readValue(json, DecoderConfig.class);
    } catch (JsonProcessingException e) {
      throw new ModelException(place + ": no decoder configuration: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Beyond how many tokens no layer sees any, the token itself counted; empty where a layer sees
   * all.
   */
  public OptionalInt widestWindow() {
    boolean all = plan.stream().allMatch(layer -> layer.attention().window() > 0);
    return all
        ? plan.stream().mapToInt(layer -> layer.attention().window()).max()
        : OptionalInt.empty();
  }
}
