package dev.kvpress.runtime.decode;

import java.util.OptionalInt;

/**
 * What a model is.
 *
 * @param name name of its file or folder
 * @param architecture as its configuration says, or {@code onnx} for foreign graphs
 * @param contentHash hash of its files and of the trained tensors found for it, hexadecimal
 * @param layers layers with a cache
 * @param queryHeads H; equal to G where a foreign graph does not tell
 * @param kvHeads G
 * @param headSize D
 * @param vocabulary V
 * @param maxPositions positions it was made for; empty where unknown
 * @param weights how its matrices are stored
 */
public record DecoderInfo(
    String name,
    String architecture,
    String contentHash,
    int layers,
    int queryHeads,
    int kvHeads,
    int headSize,
    int vocabulary,
    OptionalInt maxPositions,
    ModelWeights weights) {

  DecoderInfo withContentHash(String hash) {
    return new DecoderInfo(
        name,
        architecture,
        hash,
        layers,
        queryHeads,
        kvHeads,
        headSize,
        vocabulary,
        maxPositions,
        weights);
  }
}
