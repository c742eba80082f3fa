package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.GraphBuilder;
import java.util.Arrays;
import java.util.List;

/** Non-linear functions of feed-forward parts, by their names in config.json. */
enum Activation {
  /** x · σ(x). */
  SILU("silu", "swish") {
    @Override
    String write(GraphBuilder graph, String name, String x) {
      String sigmoid = graph.op("Sigmoid", name + ".sigmoid", x);
      return graph.op("Mul", name, x, sigmoid);
    }
  },
  /** x · Φ(x), with the error function. */
  GELU("gelu", "gelu_python") {
    @Override
    String write(GraphBuilder graph, String name, String x) {
      String scaled =
          graph.op("Mul", name + ".scaled", x, graph.floatScalar((float) (1 / Math.sqrt(2))));
      String erf = graph.op("Erf", name + ".erf", scaled);
      String shifted = graph.op("Add", name + ".shifted", erf, graph.floatScalar(1));
      String half = graph.op("Mul", name + ".half", x, graph.floatScalar(0.5f));
      return graph.op("Mul", name, half, shifted);
    }
  },
  /** x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))). */
  GELU_TANH("gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_accurate") {
    @Override
    String write(GraphBuilder graph, String name, String x) {
      String square = graph.op("Mul", name + ".square", x, x);
      String cube = graph.op("Mul", name + ".cube", square, x);
      String small = graph.op("Mul", name + ".small", cube, graph.floatScalar(0.044715f));
      String sum = graph.op("Add", name + ".sum", x, small);
      String inner =
          graph.op("Mul", name + ".inner", sum, graph.floatScalar((float) Math.sqrt(2 / Math.PI)));
      String tanh = graph.op("Tanh", name + ".tanh", inner);
      String shifted = graph.op("Add", name + ".shifted", tanh, graph.floatScalar(1));
      String half = graph.op("Mul", name + ".half", x, graph.floatScalar(0.5f));
      return graph.op("Mul", name, half, shifted);
    }
  },
  /** x · σ(1.702 x). */
  QUICK_GELU("quick_gelu") {
    @Override
    String write(GraphBuilder graph, String name, String x) {
      String scaled = graph.op("Mul", name + ".scaled", x, graph.floatScalar(1.702f));
      String sigmoid = graph.op("Sigmoid", name + ".sigmoid", scaled);
      return graph.op("Mul", name, x, sigmoid);
    }
  },
  /** max(x, 0). */
  RELU("relu") {
    @Override
    String write(GraphBuilder graph, String name, String x) {
      return graph.op("Relu", name, x);
    }
  },
  /** max(x, 0)². */
  RELU_SQUARED("relu2") {
    @Override
    String write(GraphBuilder graph, String name, String x) {
      String relu = graph.op("Relu", name + ".relu", x);
      return graph.op("Mul", name, relu, relu);
    }
  },
  /** tanh(x). */
  TANH("tanh") {
    @Override
    String write(GraphBuilder graph, String name, String x) {
      return graph.op("Tanh", name, x);
    }
  };

  private final List<String> names;

  Activation(String... names) {
    this.names = List.of(names);
  }

  /** Writes f(x) under a name. */
  abstract String write(GraphBuilder graph, String name, String x);

  /**
   * Reads a field that names one.
   *
   * @throws ModelException if the name is unknown, listing the known ones
   */
  static Activation read(ConfigReader config, String field, String otherwise) {
    String name = config.text(field, otherwise);
    for (Activation activation : values()) {
      if (activation.names.contains(name)) {
        return activation;
      }
    }
    List<String> known = Arrays.stream(values()).flatMap(a -> a.names.stream()).sorted().toList();
    throw config.unsupported(field, name, "one of " + String.join(", ", known));
  }
}
