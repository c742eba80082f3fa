package dev.kvpress.runtime.graph.kernels;

import dev.kvpress.runtime.onnx.ModelProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the CUDA provider of ONNX Runtime can run, decided here and nowhere else: by operator,
 * version and element types, which is how the engine decides.
 *
 * <p>The engine also leaves nodes that only compute shapes on the processor although there are
 * kernels for them, since shapes are needed there; they move a few bytes and are not told here.
 */
public final class CudaKernels {
  private CudaKernels() {}

  private static final class Holder {
    static final KernelTable TABLE = KernelTable.read("cuda.txt");
  }

  /**
   * The nodes of a graph, and of the bodies within it, that the provider would not run.
   *
   * @param model a graph with or without its weights
   * @return empty if all of it would run on the GPU
   */
  public static List<Fallback> fallbacks(ModelProto model) {
    Map<List<String>, List<String>> found = new LinkedHashMap<>();
    new GraphWalk(Holder.TABLE, model)
        .walk(
            (operator, node, reason) ->
                found
                    .computeIfAbsent(List.of(operator, reason), none -> new ArrayList<>())
                    .add(node));
    return found.entrySet().stream()
        .map(entry -> new Fallback(entry.getKey().get(0), entry.getKey().get(1), entry.getValue()))
        .toList();
  }
}
