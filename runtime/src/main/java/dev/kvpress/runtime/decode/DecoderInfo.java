package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

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

  /** Refuses tokens that the model does not know. */
  void requireTokens(int[] ids) {
    checkArgument(ids.length > 0, "a row must have at least one token");
    requireKnown(ids);
  }

  /**
   * Refuses token ids that the model does not know; there may be none at all.
   *
   * @throws IllegalArgumentException naming the first such id
   */
  public void requireKnown(int[] ids) {
    for (int id : ids) {
      // Not checkArgument, which would box its arguments for every token.
      if (id < 0 || id >= vocabulary) {
        throw new IllegalArgumentException(
            "token id %d is outside the vocabulary of %d".formatted(id, vocabulary));
      }
    }
  }

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
