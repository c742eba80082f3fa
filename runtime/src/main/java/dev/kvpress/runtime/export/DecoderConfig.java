package dev.kvpress.runtime.export;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.runtime.ModelException;

/**
 * Shape and constants of a decoder of Llama type.
 *
 * @param architecture class name in Hugging Face's terms, such as LlamaForCausalLM
 * @param layers number of layers
 * @param heads query heads H
 * @param kvHeads KV heads G, a divisor of H
 * @param headDim head size D, even (rotary halves)
 * @param hidden hidden size E
 * @param intermediate width of the feed-forward part
 * @param vocab vocabulary V
 * @param maxPositions positions the model was made for
 * @param rmsNormEps added to the mean square in every norm
 * @param ropeTheta base of the rotary frequencies
 * @param ropeScaling how these are stretched
 * @param tiedEmbeddings whether the output matrix is the token embedding
 * @param qkvBias whether the query, key and value projections have biases
 * @param outputBias whether the attention's output projection has a bias
 * @param mlpBias whether the feed-forward projections have biases
 * @param qkNorm whether queries and keys pass an RMS norm per head before rotation
 */
public record DecoderConfig(
    String architecture,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int hidden,
    int intermediate,
    int vocab,
    int maxPositions,
    double rmsNormEps,
    double ropeTheta,
    RopeScaling ropeScaling,
    boolean tiedEmbeddings,
    boolean qkvBias,
    boolean outputBias,
    boolean mlpBias,
    boolean qkNorm) {

  // Far above any known model; they keep every product of two sizes within long and every graph
  // within the limits of protobuf.
  private static final int MAX_LAYERS = 4096;
  private static final int MAX_SIZE = 1 << 24;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  public DecoderConfig {
    requireNonNull(architecture, "architecture is null");
    requireNonNull(ropeScaling, "ropeScaling is null");
    checkRange("layers", layers, MAX_LAYERS);
    checkRange("heads", heads, MAX_SIZE);
    checkRange("KV heads", kvHeads, MAX_SIZE);
    checkRange("head size", headDim, MAX_SIZE);
    checkRange("hidden size", hidden, MAX_SIZE);
    checkRange("intermediate size", intermediate, MAX_SIZE);
    checkRange("vocabulary", vocab, MAX_SIZE);
    checkRange("positions", maxPositions, Integer.MAX_VALUE);
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "the number of heads must be a multiple of the KV heads, found "
              + heads
              + " and "
              + kvHeads);
    }
    if (headDim % 2 != 0) {
      throw new IllegalArgumentException(
          "the head size must be even (rotary embedding turns halves), found " + headDim);
    }
    if ((long) heads * headDim > MAX_SIZE) {
      throw new IllegalArgumentException(
          "heads times head size must not exceed "
              + MAX_SIZE
              + ", found "
              + heads
              + " times "
              + headDim);
    }
    if (!(rmsNormEps > 0 && rmsNormEps < 1)) {
      throw new IllegalArgumentException(
          "the norm's epsilon must be in (0, 1), found " + rmsNormEps);
    }
    if (!(ropeTheta > 1 && ropeTheta <= 1e12)) {
      throw new IllegalArgumentException("rope theta must be in (1, 1e12], found " + ropeTheta);
    }
  }

  private static void checkRange(String name, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(name + " must be in [1, " + max + "], found " + value);
    }
  }

  /** Query heads that share one KV head, g. */
  public int groupSize() {
    return heads / kvHeads;
  }

  /** Rotary frequencies in radians per position, {@code [D/2]}: theta^(−2i/D), stretched. */
  public float[] rotaryFrequencies() {
    float[] frequencies = new float[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) ropeScaling.apply(Math.pow(ropeTheta, -2.0 * i / headDim));
    }
    return frequencies;
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
}
