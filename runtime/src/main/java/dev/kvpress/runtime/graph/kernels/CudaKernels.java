package dev.kvpress.runtime.graph.kernels;

import dev.kvpress.runtime.onnx.ModelProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

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
    return look(model).fallbacks();
  }

  /**
   * Operators of a graph whose kernels need cuDNN, which the provider itself does not.
   *
   * @param model a graph with or without its weights
   * @return names in alphabetical order
   */
  public static SortedSet<String> cudnnOperators(ModelProto model) {
    return look(model).cudnn;
  }

  private static Found look(ModelProto model) {
    Found found = new Found();
    new GraphWalk(Holder.TABLE, model).walk(found);
    return found;
  }

  private static final class Found implements GraphWalk.Finder {
    private final Map<List<String>, List<String>> nodes = new LinkedHashMap<>();
    private final SortedSet<String> cudnn = new TreeSet<>();

    @Override
    public void found(String operator, String node, String reason) {
      nodes.computeIfAbsent(List.of(operator, reason), none -> new ArrayList<>()).add(node);
    }

    @Override
    public void needsCudnn(String operator) {
      cudnn.add(operator);
    }

    private List<Fallback> fallbacks() {
      return nodes.entrySet().stream()
          .map(
              entry -> new Fallback(entry.getKey().get(0), entry.getKey().get(1), entry.getValue()))
          .toList();
    }
  }
}
