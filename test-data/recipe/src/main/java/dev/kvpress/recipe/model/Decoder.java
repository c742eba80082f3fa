package dev.kvpress.recipe.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The decoder as arithmetic on DJL arrays: Llama's layers with biases on the four attention
 * projections ({@code attention_bias} in Hugging Face's configuration), rotate-half RoPE, grouped
 * queries, RMS norms, a SiLU-gated feed-forward block, and the embedding as output matrix.
 *
 * <p>B batch, Q tokens of a row, H query heads, G KV heads, D head size, E hidden size, V
 * vocabulary. A row is read whole, or goes on behind a {@link Past}; nothing is kept of a pass but
 * what an {@link Observer} takes.
 */
public final class Decoder implements AutoCloseable {
  private static final float MASKED = -1e9f;

  private final dev.kvpress.recipe.model.Shape shape;
  private final NDManager manager;
  private final Map<String, NDArray> parameters = new LinkedHashMap<>();

  /** A decoder with the first weights that {@code seed} gives. */
  public static Decoder fresh(dev.kvpress.recipe.model.Shape shape, long seed) {
    return of(shape, new Initialisation(shape, seed).weights());
  }

  /** A decoder with the given weights, by internal name, row-major. */
  public static Decoder of(dev.kvpress.recipe.model.Shape shape, Map<String, float[]> weights) {
    return new Decoder(shape, weights);
  }

  private Decoder(dev.kvpress.recipe.model.Shape shape, Map<String, float[]> weights) {
    this.shape = shape;
    this.manager = NDManager.newBaseManager("PyTorch");
    shape
        .parameters()
        .forEach(
            (name, size) -> {
              float[] w = weights.get(name);
              if (w == null) {
                throw new IllegalArgumentException("no weights for " + name);
              }
              parameters.put(name, manager.create(FloatBuffer.wrap(w), new Shape(size)));
            });
  }

  public dev.kvpress.recipe.model.Shape shape() {
    return shape;
  }

  /** The parameters by internal name; they belong to this decoder. */
  public Map<String, NDArray> parameters() {
    return parameters;
  }

  /** Copies of all weights by internal name, row-major. */
  public Map<String, float[]> weights() {
    Map<String, float[]> all = new LinkedHashMap<>();
    parameters.forEach((name, array) -> all.put(name, array.toFloatArray()));
    return all;
  }

  /**
   * What the attention of one layer reads and does; H heads in order, the arrays die with the pass.
   *
   * @param input {@code [B, Q, E]}, after the norm
   * @param queries {@code [B, Q, H, D]}, before rotation
   * @param turnedQueries {@code [B, Q, H, D]}, after rotation
   * @param keys {@code [B, G, D, Q]}, after rotation
   * @param values {@code [B, G, Q, D]}
   * @param weights {@code [B, H, Q, S + Q]}, after the softmax; S = 0 without a past
   */
  public record Attention(
      NDArray input,
      NDArray queries,
      NDArray turnedQueries,
      NDArray keys,
      NDArray values,
      NDArray weights) {}

  /**
   * What one layer still has of S tokens before a pass. The same tokens stand before all rows, of
   * which each KV head may have lost others.
   *
   * @param keys {@code [1, G, D, S]}, after rotation
   * @param values {@code [1, G, S, D]}
   * @param lost {@code [B, G, 1, S]}: 1 where the token is gone, else 0
   */
  public record Past(NDArray keys, NDArray values, NDArray lost) {
    long tokens() {
      return keys.getShape().get(3);
    }
  }

  /** Sees the attention of each layer in turn. */
  public interface Observer {
    void layer(int layer, Attention attention);
  }

  /**
   * Logarithms of the next-token probabilities.
   *
   * @param ids {@code [B, Q]}, int64
   * @return {@code [B, Q, V]}, in the manager of {@code ids}
   */
  public NDArray logProbabilities(NDArray ids) {
    return logProbabilities(ids, null);
  }

  /** The same, with somebody watching. */
  public NDArray logProbabilities(NDArray ids, @Nullable Observer observer) {
    return logProbabilities(ids, List.of(), observer);
  }

  /** The same for rows that go on behind a context. One {@code past} for each layer, or none. */
  public NDArray logProbabilities(NDArray ids, List<Past> past, @Nullable Observer observer) {
    NDManager scope = ids.getManager();
    long b = ids.getShape().get(0);
    long q = ids.getShape().get(1);
    NDArray embed = parameter("embed");
    NDArray x =
        ids.getNDArrayInternal()
            .embedding(ids, embed, ai.djl.ndarray.types.SparseFormat.DENSE)
            .singletonOrThrow();
    x.attach(scope);
    NDArray[] rope = ropeTables(scope, past.isEmpty() ? 0 : past.get(0).tokens(), q);
    NDArray mask = causalMask(scope, q);
    for (int l = 0; l < shape.layers(); l++) {
      Past before = past.isEmpty() ? null : past.get(l);
      x = x.add(attention(l, norm(x, p(l, "attentionNorm")), rope, mask, before, observer));
      x = x.add(feedForward(l, norm(x, p(l, "feedForwardNorm"))));
    }
    x = norm(x, parameter("norm"));
    return x.reshape(b * q, shape.hidden())
        .matMul(transposed(scope, embed))
        .logSoftmax(-1)
        .reshape(b, q, shape.vocabulary());
  }

  private NDArray attention(
      int l,
      NDArray x,
      NDArray[] rope,
      NDArray mask,
      @Nullable Past past,
      @Nullable Observer observer) {
    long b = x.getShape().get(0);
    long q = x.getShape().get(1);
    int d = shape.headSize();
    int h = shape.heads();
    int g = shape.kvHeads();
    NDArray projected =
        x.reshape(b * q, shape.hidden())
            .matMul(transposed(x.getManager(), p(l, "qkv")))
            .add(p(l, "qkvBias"))
            .reshape(b, q, h + 2L * g, d);
    NDList parts = projected.split(new long[] {h + g}, 2);
    NDArray turned = rotate(parts.get(0), rope);
    NDList queriesAndKeys = turned.split(new long[] {h}, 2);
    NDArray queries =
        queriesAndKeys
            .get(0)
            .reshape(b, q, g, shape.groupSize(), d)
            .transpose(0, 2, 3, 1, 4)
            .reshape(b, g, shape.groupSize() * q, d);
    NDArray keys = queriesAndKeys.get(1).transpose(0, 2, 3, 1);
    NDArray values = parts.get(1).transpose(0, 2, 1, 3);
    // Not mul(float): DJL frees the memory of such a scalar at once, but the backward pass reads
    // it.
    NDArray scale = x.getManager().create((float) (1 / Math.sqrt(d)));
    NDArray scaled = queries.mul(scale);
    NDArray logits = scaled.matMul(keys).add(mask);
    long s = past == null ? 0 : past.tokens();
    if (past != null) {
      NDArray earlier = scaled.matMul(past.keys()).add(past.lost().mul(MASKED));
      logits = NDArrays.concat(new NDList(earlier, logits), 3);
    }
    NDArray weights = logits.softmax(-1);
    if (observer != null) {
      NDArray before = parts.get(0).split(new long[] {h}, 2).get(0);
      NDArray byHead = weights.reshape(b, h, q, s + q);
      observer.layer(l, new Attention(x, before, queriesAndKeys.get(0), keys, values, byHead));
    }
    NDArray read;
    if (past == null) {
      read = weights.matMul(values);
    } else {
      NDList byPart = weights.split(new long[] {s}, 3);
      read = byPart.get(0).matMul(past.values()).add(byPart.get(1).matMul(values));
    }
    NDArray mixed =
        read.reshape(b, g, shape.groupSize(), q, d)
            .transpose(0, 3, 1, 2, 4)
            .reshape(b * q, (long) h * d);
    return mixed
        .matMul(transposed(x.getManager(), p(l, "out")))
        .add(p(l, "outBias"))
        .reshape(b, q, shape.hidden());
  }

  private NDArray feedForward(int l, NDArray x) {
    long b = x.getShape().get(0);
    long q = x.getShape().get(1);
    NDManager scope = x.getManager();
    NDList halves =
        x.reshape(b * q, shape.hidden())
            .matMul(transposed(scope, p(l, "gateUp")))
            .split(new long[] {shape.feedForward()}, 1);
    NDArray gate = halves.get(0);
    NDArray gated = gate.getNDArrayInternal().sigmoid().mul(gate).mul(halves.get(1));
    return gated.matMul(transposed(scope, p(l, "down"))).reshape(b, q, shape.hidden());
  }

  private static NDArray norm(NDArray x, NDArray weight) {
    NDArray scale =
        x.square()
            .mean(new int[] {-1}, true)
            .add((float) dev.kvpress.recipe.model.Shape.NORM_EPSILON)
            .sqrt();
    return x.div(scale).mul(weight);
  }

  private NDArray rotate(NDArray x, NDArray[] rope) {
    NDList halves = x.split(new long[] {shape.headSize() / 2}, 3);
    NDArray a = halves.get(0);
    NDArray b = halves.get(1);
    return NDArrays.concat(
        new NDList(a.mul(rope[0]).sub(b.mul(rope[1])), b.mul(rope[0]).add(a.mul(rope[1]))), 3);
  }

  private NDArray[] ropeTables(NDManager scope, long from, long q) {
    int half = shape.headSize() / 2;
    float[] cosine = new float[(int) q * half];
    float[] sine = new float[(int) q * half];
    for (int t = 0; t < q; t++) {
      for (int pair = 0; pair < half; pair++) {
        double angle = (from + t) * shape.frequency(pair);
        cosine[t * half + pair] = (float) Math.cos(angle);
        sine[t * half + pair] = (float) Math.sin(angle);
      }
    }
    Shape size = new Shape(1, q, 1, half);
    return new NDArray[] {scope.create(cosine, size), scope.create(sine, size)};
  }

  private NDArray causalMask(NDManager scope, long q) {
    NDArray positions = scope.arange((int) q).toType(DataType.FLOAT32, false);
    NDArray later =
        positions
            .reshape(1, q)
            .gt(positions.reshape(q, 1))
            .toType(DataType.FLOAT32, false)
            .mul(MASKED);
    // The query heads of a group stand one behind the other, each with all its queries.
    NDList perHead = new NDList();
    for (int i = 0; i < shape.groupSize(); i++) {
      perHead.add(later);
    }
    return NDArrays.concat(perHead, 0).reshape(1, 1, shape.groupSize() * q, q);
  }

  private NDArray p(int layer, String name) {
    return parameter(dev.kvpress.recipe.model.Shape.name(layer, name));
  }

  private NDArray parameter(String name) {
    NDArray array = parameters.get(name);
    if (array == null) {
      throw new IllegalStateException("no parameter " + name);
    }
    return array;
  }

  /** A view that dies with the step and not with the parameter's own manager. */
  private static NDArray transposed(NDManager scope, NDArray weight) {
    NDArray view = weight.transpose();
    view.attach(scope);
    return view;
  }

  @Override
  public void close() {
    manager.close();
  }
}
