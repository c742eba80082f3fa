package dev.kvpress.recipe.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * AdamW with clipping of the global gradient norm (Loshchilov and Hutter, "Decoupled Weight Decay
 * Regularization", 2019). Matrices decay; the embedding, norms and biases do not.
 */
final class AdamW implements AutoCloseable {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.98f;
  private static final float EPSILON = 1e-8f;
  private static final float DECAY = 0.1f;
  private static final float CLIP = 1.0f;

  private final NDManager manager = NDManager.newBaseManager("PyTorch");
  private final Map<String, NDArray> parameters;
  private final Map<String, NDArray> means = new LinkedHashMap<>();
  private final Map<String, NDArray> squares = new LinkedHashMap<>();

  AdamW(Map<String, NDArray> parameters) {
    this.parameters = parameters;
    parameters.forEach(
        (name, p) -> {
          means.put(name, manager.zeros(p.getShape()));
          squares.put(name, manager.zeros(p.getShape()));
        });
  }

  /** First and second moments by parameter, under the names {@code m.NAME} and {@code v.NAME}. */
  Map<String, float[]> state() {
    Map<String, float[]> all = new LinkedHashMap<>();
    means.forEach((name, a) -> all.put("m." + name, a.toFloatArray()));
    squares.forEach((name, a) -> all.put("v." + name, a.toFloatArray()));
    return all;
  }

  void restore(Map<String, float[]> state) {
    means.forEach((name, a) -> a.set(state.get("m." + name)));
    squares.forEach((name, a) -> a.set(state.get("v." + name)));
  }

  /**
   * One update from the gradients that the backward pass left.
   *
   * @param step number of this update, from 1
   * @return norm of the gradient before clipping
   */
  float update(int step, double learningRate) {
    try (NDManager scope = manager.newSubManager()) {
      Map<String, NDArray> gradients = new LinkedHashMap<>();
      double sum = 0;
      for (Map.Entry<String, NDArray> e : parameters.entrySet()) {
        NDArray g = e.getValue().getGradient();
        g.attach(scope);
        gradients.put(e.getKey(), g);
        sum += g.square().sum().getFloat();
      }
      float norm = (float) Math.sqrt(sum);
      float clip = norm > CLIP ? CLIP / norm : 1f;
      double correction1 = 1 - Math.pow(BETA1, step);
      double correction2 = Math.sqrt(1 - Math.pow(BETA2, step));
      float rate = (float) (learningRate * correction2 / correction1);
      gradients.forEach(
          (name, g) -> {
            apply(name, g.mul(clip), rate, (float) learningRate);
            // The array is the parameter's own gradient, which the next backward pass adds to.
            g.muli(0);
          });
      return norm;
    }
  }

  private void apply(String name, NDArray g, float rate, float learningRate) {
    NDArray p = parameters.get(name);
    NDArray m = means.get(name);
    NDArray v = squares.get(name);
    if (p == null || m == null || v == null) {
      throw new IllegalStateException("no state for " + name);
    }
    m.muli(BETA1).addi(g.mul(1 - BETA1));
    v.muli(BETA2).addi(g.square().muli(1 - BETA2));
    boolean decays = p.getShape().dimension() == 2 && !name.equals("embed");
    NDArray step = g.mul(0).addi(v).sqrt().addi(EPSILON);
    NDArray delta = g.mul(0).addi(m).divi(step).muli(rate);
    if (decays) {
      delta.addi(g.mul(0).addi(p).muli(learningRate * DECAY));
    }
    p.setRequiresGradient(false);
    p.subi(delta);
    p.setRequiresGradient(true);
  }

  @Override
  public void close() {
    manager.close();
  }
}
