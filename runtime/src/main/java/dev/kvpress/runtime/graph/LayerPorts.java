package dev.kvpress.runtime.graph;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Names of the inputs and outputs of one layer that has a KV cache.
 *
 * @param layer number of the layer in its model; numbers ascend and may have gaps (layers without
 *     attention)
 * @param pastKey input {@code [B,G,P,D]}, keys after rotation
 * @param pastValue input {@code [B,G,P,D]}
 * @param presentKey output {@code [B,G,P+Q,D]}: past first, then the new tokens
 * @param presentValue output {@code [B,G,P+Q,D]}
 * @param cacheBias input float {@code [B,G,1,P]} added before the softmax (0 keep, −1e30 padding),
 *     or null
 * @param cachePositions input int64 {@code [B,G or 1,P]}, true positions of the cached tokens for
 *     windows and ALiBi, or null where the layer needs none; what stands in place of padding does
 *     not matter
 * @param cacheLength input int32 {@code [B]}, valid cached tokens of each row before the pass, or
 *     null; where it is not null, past may be a buffer longer than that and present has the same
 *     length as this buffer. {@code [B*G]} in graphs {@link AttentionForm#FUSED_BY_HEAD}, whose
 *     past and present are {@code [B*G,1,C,D]}
 * @param packed inputs of the tokens that are packed in few bits, or null. Where it is not null,
 *     the cache has P slots of which the first are packed and the last R stand in full precision:
 *     past is {@code [B,G,R,D]}, present {@code [B,G,R+Q,D]}, bias and positions are those of all P
 * @param signals outputs that carry signals
 */
public record LayerPorts(
    int layer,
    String pastKey,
    String pastValue,
    String presentKey,
    String presentValue,
    @Nullable String cacheBias,
    @Nullable String cachePositions,
    @Nullable String cacheLength,
    @Nullable PackedPorts packed,
    SignalPorts signals) {

  /** Checks that every name is there. */
  public LayerPorts {
    if (layer < 0) {
      throw new IllegalArgumentException("layer must not be negative, found " + layer);
    }
    requireNonNull(pastKey, "pastKey is null");
    requireNonNull(pastValue, "pastValue is null");
    requireNonNull(presentKey, "presentKey is null");
    requireNonNull(presentValue, "presentValue is null");
    requireNonNull(signals, "signals is null");
  }

  LayerPorts withSignals(SignalPorts other) {
    return new LayerPorts(
        layer,
        pastKey,
        pastValue,
        presentKey,
        presentValue,
        cacheBias,
        cachePositions,
        cacheLength,
        packed,
        other);
  }

  /** The same with inputs that tell which tokens the layer holds. */
  public LayerPorts pruned() {
    return new LayerPorts(
        layer,
        pastKey,
        pastValue,
        presentKey,
        presentValue,
        OwnGraph.CACHE_BIAS + layer,
        OwnGraph.CACHE_POSITIONS + layer,
        cacheLength,
        packed,
        signals);
  }

  LayerPorts withoutCacheBias() {
    return new LayerPorts(
        layer,
        pastKey,
        pastValue,
        presentKey,
        presentValue,
        null,
        cachePositions,
        cacheLength,
        packed,
        signals);
  }

  /** The same over a cache of which the older tokens are packed. */
  LayerPorts withPacked(PackedPorts ports) {
    return new LayerPorts(
        layer,
        pastKey,
        pastValue,
        presentKey,
        presentValue,
        cacheBias,
        cachePositions,
        cacheLength,
        ports,
        signals);
  }
}
