package dev.kvpress.runtime.graph.kernels;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An operator and its kernels.
 *
 * @param versions the operator sets at which its definition changed, oldest first
 * @param inputs types of the inputs: a name of a type, or a variable in capitals; the last one
 *     holds for all further inputs
 * @param outputs types of the outputs, likewise
 * @param kernels its kernels; empty where there are none
 * @param refusals inputs and outputs that its kernels refuse although they are declared
 * @param needsCudnn whether its kernels call cuDNN, which is loaded when the first of them runs
 */
record OperatorKernels(
    List<Integer> versions,
    List<String> inputs,
    List<String> outputs,
    List<Kernel> kernels,
    List<Refusal> refusals,
    boolean needsCudnn) {

  /**
   * An input or output that kernels refuse.
   *
   * @param output whether it is an output
   * @param index which, from 0
   * @param name what it is called
   */
  record Refusal(boolean output, int index, String name) {}

  OperatorKernels {
    checkArgument(!versions.isEmpty(), "an operator has at least one version");
    versions = List.copyOf(versions);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    kernels = List.copyOf(kernels);
    refusals = List.copyOf(refusals);
  }

  /** Type, or variable, of an input. */
  String input(int index) {
    return at(inputs, index);
  }

  /** Type, or variable, of an output. */
  String output(int index) {
    return at(outputs, index);
  }

  private static String at(List<String> formals, int index) {
    checkArgument(!formals.isEmpty(), "the operator has none, found number %s", index);
    return formals.get(Math.min(index, formals.size() - 1));
  }

  /** Whether what stands in a signature is a variable. */
  static boolean isVariable(String formal) {
    return Character.isUpperCase(formal.charAt(0));
  }

  /**
   * Why none of its kernels runs a node; empty where one does.
   *
   * @param opset operator set of the graph
   * @param types the types found for each variable
   */
  Optional<String> refusal(long opset, Map<String, List<String>> types) {
    if (kernels.isEmpty()) {
      return Optional.of("it has no CUDA kernel");
    }
    int version = versions.stream().filter(v -> v <= opset).reduce((a, b) -> b).orElse(0);
    List<Kernel> serving = kernels.stream().filter(kernel -> kernel.serves(version)).toList();
    if (serving.isEmpty()) {
      return Optional.of(
          "its CUDA kernels are for versions %s of the operator, the graph has version %d"
              .formatted(
                  kernels.stream().map(Kernel::versions).collect(Collectors.joining(", ")),
                  version));
    }
    Optional<String> reason = Optional.empty();
    for (Kernel kernel : serving) {
      reason = mismatch(kernel, types);
      if (reason.isEmpty()) {
        return reason;
      }
    }
    return reason;
  }

  private static Optional<String> mismatch(Kernel kernel, Map<String, List<String>> types) {
    for (Map.Entry<String, List<String>> found : types.entrySet()) {
      var allowed = kernel.types().get(found.getKey());
      for (String type : found.getValue()) {
        if (allowed != null && !allowed.contains(type)) {
          return Optional.of(
              "its CUDA kernel is for %s, found %s"
                  .formatted(allowed.stream().sorted().collect(Collectors.joining(", ")), type));
        }
      }
    }
    return Optional.empty();
  }
}
