package dev.kvpress.runtime.cache.packed;

import java.nio.ByteBuffer;

/**
 * The packed part of a layer's cache as a graph reads it: N groups of g tokens for each head, n
 * bytes for the codes of a vector, P = N*g. Channel d lies in byte {@code d mod n}, {@code (d div
 * n) · bits} bits up. Views that are valid until the store changes, native byte order.
 *
 * @param shape bits and blocks
 * @param groups N
 * @param keyCodes uint8 {@code [B, G, N, n, g]}
 * @param keyScales float16 {@code [B, G, N, D]}
 * @param keyMinima float16 {@code [B, G, N, D]}
 * @param valueCodes uint8 {@code [B, G, P, n]}
 * @param valueScales float16 {@code [B, G, P, D/channels]}
 * @param valueMinima float16 {@code [B, G, P, D/channels]}
 */
public record PackedTensors(
    BlockShape shape,
    int groups,
    ByteBuffer keyCodes,
    ByteBuffer keyScales,
    ByteBuffer keyMinima,
    ByteBuffer valueCodes,
    ByteBuffer valueScales,
    ByteBuffer valueMinima) {}
