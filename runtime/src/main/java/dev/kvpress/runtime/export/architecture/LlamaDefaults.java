package dev.kvpress.runtime.export.architecture;

/**
 * What absent fields mean to one of the Llama-like configuration classes of transformers. Sizes of
 * which any value is as good as another have none: they must be there.
 *
 * @param kvHeads 0 for as many as query heads
 * @param headSize 0 for the hidden size shared out among the heads
 * @param maxPositions positions the model was made for
 * @param eps of the norms
 * @param theta base of the rotary embedding
 * @param tied whether the output matrix is the token embedding
 */
record LlamaDefaults(
    int kvHeads, int headSize, int maxPositions, double eps, double theta, boolean tied) {

  static final LlamaDefaults LLAMA = new LlamaDefaults(0, 0, 2048, 1e-6, 10_000, false);

  LlamaDefaults kvHeads(int other) {
    return new LlamaDefaults(other, headSize, maxPositions, eps, theta, tied);
  }

  LlamaDefaults headSize(int other) {
    return new LlamaDefaults(kvHeads, other, maxPositions, eps, theta, tied);
  }

  LlamaDefaults maxPositions(int other) {
    return new LlamaDefaults(kvHeads, headSize, other, eps, theta, tied);
  }

  LlamaDefaults eps(double other) {
    return new LlamaDefaults(kvHeads, headSize, maxPositions, other, theta, tied);
  }

  LlamaDefaults theta(double other) {
    return new LlamaDefaults(kvHeads, headSize, maxPositions, eps, other, tied);
  }

  LlamaDefaults tiedByDefault() {
    return new LlamaDefaults(kvHeads, headSize, maxPositions, eps, theta, true);
  }
}
