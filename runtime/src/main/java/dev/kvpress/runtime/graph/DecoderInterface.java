package dev.kvpress.runtime.graph;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder graph takes and gives: everything that a decode loop needs to call it.
 *
 * @param inputIds input {@code [B,Q]}, token ids
 * @param inputIdsType INT64 or INT32
 * @param attentionMask input, or null. Own graphs take {@code [B,any]} and read the last Q columns
 *     (1 valid, 0 padding among the new tokens); foreign graphs expect {@code [B,P+Q]}, or {@code
 *     [B,S+Q]} where {@link #masksText} says so
 * @param attentionMaskType its type
 * @param positionIds input {@code [B,Q]}, true positions of the new tokens, or null where the graph
 *     derives them itself
 * @param positionIdsType its type, INT64 or INT32
 * @param sequenceLength input int64 {@code [B]}, positions up to the end of the whole step (rotary
 *     frequencies of some models depend on it), or null
 * @param logits output {@code [B,Q,V]}, or {@code [B,1,V]} if lastLogitsOnly
 * @param lastLogitsOnly whether logits are those of the last query only
 * @param layers layers with a KV cache in ascending order, at least one
 * @param states further state to be fed back, often empty
 * @param cacheType element type of past and present
 * @param kvHeads G
 * @param headSize D
 * @param queryHeads H where it is known
 * @param form how attention is computed; FOREIGN for graphs that are not ours
 * @param perLayerPast whether every layer may have a past length of its own; otherwise all layers
 *     share one
 */
public record DecoderInterface(
    String inputIds,
    ElementType inputIdsType,
    @Nullable String attentionMask,
    ElementType attentionMaskType,
    @Nullable String positionIds,
    ElementType positionIdsType,
    @Nullable String sequenceLength,
    String logits,
    boolean lastLogitsOnly,
    List<LayerPorts> layers,
    List<StatePorts> states,
    ElementType cacheType,
    int kvHeads,
    int headSize,
    OptionalInt queryHeads,
    AttentionForm form,
    boolean perLayerPast) {

  /** Takes copies of the lists and checks that they fit each other. */
  public DecoderInterface {
    requireNonNull(inputIds, "inputIds is null");
    requireNonNull(inputIdsType, "inputIdsType is null");
    requireNonNull(attentionMaskType, "attentionMaskType is null");
    requireNonNull(positionIdsType, "positionIdsType is null");
    requireNonNull(logits, "logits is null");
    layers = List.copyOf(layers);
    states = List.copyOf(states);
    requireNonNull(cacheType, "cacheType is null");
    requireNonNull(queryHeads, "queryHeads is null");
    requireNonNull(form, "form is null");
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("layers must not be empty");
    }
    if (kvHeads < 1 || headSize < 1) {
      throw new IllegalArgumentException(
          "kvHeads and headSize must be positive, found " + kvHeads + " and " + headSize);
    }
  }

  /** Whether caches of unequal length per row and head can be given through {@code cache_bias}. */
  public boolean hasCacheBias() {
    return layers.get(0).cacheBias() != null;
  }

  /**
   * Whether the graph takes one buffer for past and present with {@code cache_length} saying how
   * far it is filled.
   */
  public boolean hasCacheLength() {
    return layers.get(0).cacheLength() != null;
  }

  /**
   * Whether attention_mask is {@code [B,S+Q]}, over all tokens of the text so far whether or not a
   * layer still holds them (S of the longest row).
   */
  public boolean masksText() {
    return form == AttentionForm.FOREIGN && perLayerPast && attentionMask != null;
  }

  /**
   * The same over caches from which tokens were removed, each layer, row and head on its own; a
   * graph without mask and positions gets an input of positions.
   */
  public DecoderInterface pruned(List<LayerPorts> newLayers) {
    boolean blind = attentionMask == null && positionIds == null;
    return new DecoderInterface(
        inputIds,
        inputIdsType,
        attentionMask,
        attentionMaskType,
        blind ? "position_ids" : positionIds,
        positionIdsType,
        sequenceLength,
        logits,
        lastLogitsOnly,
        newLayers,
        states,
        cacheType,
        kvHeads,
        headSize,
        queryHeads,
        form,
        true);
  }

  /** The same with the number of query heads. */
  public DecoderInterface withQueryHeads(int heads) {
    return with(layers, lastLogitsOnly, OptionalInt.of(heads), form);
  }

  /** The same caches for operators that take every KV head as a row. */
  DecoderInterface byHead() {
    return with(layers, lastLogitsOnly, queryHeads, AttentionForm.FUSED_BY_HEAD);
  }

  /** The same over caches of which the older tokens are packed. */
  DecoderInterface packed(List<LayerPorts> newLayers) {
    return with(newLayers, lastLogitsOnly, queryHeads, AttentionForm.PACKED);
  }

  DecoderInterface with(List<LayerPorts> newLayers, boolean lastLogits) {
    return with(newLayers, lastLogits, queryHeads, form);
  }

  private DecoderInterface with(
      List<LayerPorts> newLayers, boolean lastLogits, OptionalInt heads, AttentionForm newForm) {
    return new DecoderInterface(
        inputIds,
        inputIdsType,
        attentionMask,
        attentionMaskType,
        positionIds,
        positionIdsType,
        sequenceLength,
        logits,
        lastLogits,
        newLayers,
        states,
        cacheType,
        kvHeads,
        headSize,
        heads,
        newForm,
        perLayerPast);
  }
}
