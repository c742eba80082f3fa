package dev.kvpress.recipe.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.kvpress.recipe.model.Decoder;

/** One training step: weighted next-token loss, its gradient, one AdamW update. */
final class Step {
  private Step() {}

  /**
   * What a step reports.
   *
   * @param loss weighted mean negative log-likelihood, nats a token
   * @param gradientNorm before clipping
   */
  record Outcome(float loss, float gradientNorm) {}

  static Outcome take(Decoder decoder, AdamW optimiser, Batch batch, int step, double rate) {
    try (NDManager scope = NDManager.newBaseManager("PyTorch")) {
      float loss;
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray mean = loss(decoder, batch, scope);
        loss = mean.getFloat();
        collector.backward(mean);
      }
      if (!Float.isFinite(loss)) {
        throw new IllegalStateException("loss became " + loss + " at step " + step);
      }
      return new Outcome(loss, optimiser.update(step, rate));
    }
  }

  private static NDArray loss(Decoder decoder, Batch batch, NDManager scope) {
    long rows = batch.rows();
    long inputs = batch.length() - 1L;
    NDArray ids = scope.create(batch.ids(), new Shape(rows, inputs + 1));
    NDArray logs =
        decoder
            .logProbabilities(ids.get(":, :-1"))
            .reshape(rows * inputs, decoder.shape().vocabulary());
    NDArray targets = ids.get(":, 1:").reshape(rows * inputs, 1);
    NDArray weights =
        scope
            .create(batch.weights(), new Shape(rows, inputs + 1))
            .get(":, 1:")
            .reshape(rows * inputs, 1);
    return logs.gather(targets, 1).mul(weights).sum().neg().div(weights.sum());
  }
}
