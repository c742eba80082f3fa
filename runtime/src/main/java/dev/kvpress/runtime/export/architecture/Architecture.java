package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.export.weights.UsedWeight;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A kind of decoder with its configuration read: token embedding, layers, output matrix. A subclass
 * reads like the block diagram of its paper; see docs/adding-an-architecture.md.
 *
 * <p>Weights carry the names that the architecture gives them in Hugging Face folders.
 */
public abstract class Architecture {
  private @Nullable List<UsedWeight> weights;

  /** What everybody else needs to know of the decoder. */
  public abstract DecoderConfig config();

  /** Prefix of the names of one layer's weights. */
  abstract String layerPrefix(int layer);

  /**
   * Writes the token embedding.
   *
   * @param ids {@code [B*Q]}
   * @return {@code [B*Q,E]}
   */
  abstract String embed(BlockWriter pass, String ids);

  /**
   * Writes one layer. Its attention reads a value called {@code attention.input} and its projection
   * back is called {@code attention.output}, where presses and taps look for them.
   *
   * @param hidden {@code [B*Q,E]}
   * @return {@code [B*Q,E]}
   */
  abstract String layer(BlockWriter block, int layer, String hidden);

  /**
   * Writes what follows the last layer.
   *
   * @param hidden {@code [B*Q,E]}
   * @return {@code [B*Q,V]}
   */
  abstract String logits(BlockWriter pass, String hidden);

  /**
   * Whether a tensor that some folders hold and that no layer uses may be left out: buffers that
   * follow from the configuration.
   */
  boolean isBuffer(String tensor) {
    return tensor.endsWith("rotary_emb.inv_freq");
  }

  /**
   * Whether a stored tensor that no layer uses may be left out, since the configuration says what
   * is in it.
   *
   * @param tensor its name in the architecture's terms
   */
  public final boolean followsFromConfig(String tensor) {
    return isBuffer(tensor);
  }

  /** Every weight that the decoder uses, in the order of use. */
  public final synchronized List<UsedWeight> weights() {
    if (weights == null) {
      weights = List.copyOf(DecoderWriter.weights(this));
    }
    return weights;
  }

  /** The tensors that checkpoints hold for them. */
  public final List<TensorSpec> storedWeights() {
    return weights().stream().flatMap(weight -> weight.spec().stored().stream()).toList();
  }

  /** Rows of a matrix, one for each token; under the embedding's name. */
  static String gather(BlockWriter pass, String name, String table, String ids, long... shape) {
    return pass.piece(name, pass.declare(table, shape), ids);
  }

  /**
   * A learned vector for the position of each token.
   *
   * @param offset row of the table for position 0; those before it are not used
   * @param rows of the table
   * @return {@code [B*Q,E]}
   */
  static String places(BlockWriter pass, String table, int offset, int rows, int hidden) {
    GraphBuilder graph = pass.graph();
    String flat = graph.op("Reshape", pass.name("flat_positions"), "position_ids", graph.longs(-1));
    String shifted =
        offset == 0
            ? flat
            : graph.op("Add", pass.name("shifted_positions"), flat, graph.longScalar(offset));
    return graph.op("Gather", pass.name("places"), pass.weight(table, rows, hidden), shifted);
  }

  /** The same plan for every layer. */
  static List<LayerPlan> everyLayer(int layers, AttentionShape shape, int rope) {
    DecoderConfig.requireLayers(layers);
    return Collections.nCopies(layers, new LayerPlan(shape, rope));
  }

  /** A plan for each layer. */
  static List<LayerPlan> eachLayer(int layers, IntFunction<LayerPlan> plan) {
    DecoderConfig.requireLayers(layers);
    List<LayerPlan> plans = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      plans.add(plan.apply(layer));
    }
    return plans;
  }

  /** A size that must be positive and within what any known model has. */
  static int size(ConfigReader config, String field) {
    return checked(config, field, config.integer(field));
  }

  /** A size with what stands for it where it is absent. */
  static int size(ConfigReader config, String field, int otherwise) {
    return checked(config, field, config.integer(field, otherwise));
  }

  private static int checked(ConfigReader config, String field, int size) {
    if (size < 1 || size > 1 << 24) {
      throw new ModelException(
          "%s: %s must be in [1, %d], found %d".formatted(config.place(), field, 1 << 24, size));
    }
    return size;
  }

  /** {@code head_dim}, or the hidden size shared out among the heads. */
  static int headSize(ConfigReader config, int hidden, int heads) {
    if (config.has("head_dim")) {
      return size(config, "head_dim");
    }
    return evenHeadSize(config, hidden, heads);
  }

  /** The hidden size shared out among the heads, where the architecture knows no other way. */
  static int evenHeadSize(ConfigReader config, int hidden, int heads) {
    if (hidden % heads != 0) {
      throw new ModelException(
          "%s: without head_dim, the hidden size must be a multiple of the number of heads, found %d and %d"
              .formatted(config.place(), hidden, heads));
    }
    return hidden / heads;
  }

  /** An epsilon in (0, 1). */
  static double epsilon(ConfigReader config, String field, double otherwise) {
    double eps = config.number(field, otherwise);
    if (!(eps > 0 && eps < 1)) {
      throw new ModelException(
          "%s: %s must be in (0, 1), found %s".formatted(config.place(), field, eps));
    }
    return eps;
  }
}
