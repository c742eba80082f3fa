package dev.kvpress.runtime.ort;

import java.util.List;

/**
 * What the CUDA provider needs of a machine: what its library (onnxruntime_gpu 1.29.0, Linux x64)
 * is linked against. cuDNN is not among it: the library looks for it when the first kernel that
 * calls it runs, and no graph of ours has such a node; {@link
 * dev.kvpress.runtime.graph.kernels.CudaKernels#cudnnOperators} tells for any graph.
 */
public final class CudaNeeds {
  /** Files of CUDA 12 that the loader must find, and the driver's own. */
  public static final List<String> LIBRARIES =
      List.of(
          "libcudart.so.12",
          "libcublas.so.12",
          "libcublasLt.so.12",
          "libcurand.so.10",
          "libcuda.so.1");

  private CudaNeeds() {}

  /** What to do about a refusal of the engine, as a part of a sentence. */
  static String fix(String refusal) {
    return refusal.contains("Failed to find CUDA")
        ? "this build has no CUDA provider; build with KVPRESS_PROFILE=cuda bin/compare … or mvn -Pcuda package"
        : "install an NVIDIA driver and the libraries of CUDA 12 (%s; cuDNN 9 too if doctor says so of the model) and make them visible to the loader, for instance through LD_LIBRARY_PATH"
            .formatted(String.join(", ", LIBRARIES));
  }
}
