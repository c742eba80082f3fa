package dev.kvpress.runtime.ort;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.ExternalData;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.kernels.CudaKernels;
import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.graph.pack.PackedWeights;
import dev.kvpress.runtime.graph.pack.SharedProducts;
import dev.kvpress.runtime.graph.pack.WeightPacker;
import dev.kvpress.runtime.onnx.ModelProto;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Sessions of ONNX Runtime on one provider and device.
 *
 * <p>All sessions of a model share its weights: they stay in one external file which each session
 * maps, and no session makes its own rearranged copy ({@code session.disable_prepacking});
 * measured: 12 MB for three sessions instead of 715 MB. Quantized weights are read rearranged only
 * (products of weights as they lie are 40 times slower); their copies lie in the file as well, see
 * {@link PackedWeights}, and float32 weights beside them stay as they are, see {@link
 * SharedProducts}.
 */
public final class OrtSessionFactory implements SessionFactory {
  private final OrtEnvironment environment = Engine.environment();
  private final Provider provider;
  private final int device;
  private final int threads;
  private final Optional<Path> profiles;
  private final boolean yielding;

  /**
   * Sessions on one device.
   *
   * @param provider where to run
   * @param device number of the GPU; ignored on the processor
   * @param threads threads within an operator, 0 for as many as there are cores
   * @throws ModelException if the provider is not there, saying how to get it
   */
  public OrtSessionFactory(Provider provider, int device, int threads) {
    this(provider, device, threads, Optional.empty(), false);
  }

  private OrtSessionFactory(
      Provider provider, int device, int threads, Optional<Path> profiles, boolean yielding) {
    this.provider = provider;
    this.device = device;
    this.threads = threads;
    this.profiles = profiles;
    this.yielding = yielding;
    if (provider == Provider.CUDA) {
      // Fails here, before anything is exported or loaded.
      try (OrtSession.SessionOptions probe = new OrtSession.SessionOptions()) {
        addCuda(probe);
      } catch (OrtException e) {
        throw cudaMissing(e);
      }
    }
  }

  /**
   * The same, of which each session writes down when it is closed what ran where for how long, as
   * the engine's own JSON; see {@link SessionProfile}. Recording takes time of its own.
   *
   * @param folder where to write
   */
  public OrtSessionFactory profiledInto(Path folder) {
    return new OrtSessionFactory(provider, device, threads, Optional.of(folder), yielding);
  }

  /**
   * The same, whose threads sleep while they wait for work. On a processor that others use too they
   * would keep it from them otherwise. Results are the same to the bit: they depend on the number
   * of threads alone, by which the engine deals out an operator.
   */
  public OrtSessionFactory yielding() {
    return new OrtSessionFactory(provider, device, threads, profiles, true);
  }

  @Override
  public StepSession open(TappedGraph graph) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      if (yielding) {
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
      }
      // What it would print in colour on the terminal stands in the exception as well.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      ModelProto model = graph.model();
      if (PackedWeights.wants(model.getGraph())) {
        model = provider == Provider.CPU ? SharedProducts.declared(model) : model;
      } else {
        options.addConfigEntry("session.disable_prepacking", "1");
      }
      // Products of what DequantizeLinear gives become MatMulNBits, by default on activations of 8
      // bits (measured: off by 0.5 %); the graph says float32.
      options.addConfigEntry("session.qdq_matmulnbits_accuracy_level", "1");
      ExternalData.Placed placed =
          ExternalData.place(model, graph.externalDataFolder().toAbsolutePath());
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path", placed.folder().toString());
      // Each chunk has its own shapes, so remembered allocation patterns only cost memory
      // (measured: peak 545 MB instead of 879 MB).
      options.setMemoryPatternOptimization(false);
      if (provider == Provider.CUDA) {
        addCuda(options);
      }
      if (profiles.isPresent()) {
        options.enableProfiling(profiles.get().resolve(SessionProfile.PREFIX).toString());
      }
      return new OrtStepSession(
          environment, environment.createSession(placed.model().toByteArray(), options));
    } catch (OrtException e) {
      throw new ModelException("ONNX Runtime cannot load the graph: " + EngineText.of(e), e);
    }
  }

  @Override
  public Optional<WeightPacker> packer() {
    return provider == Provider.CPU
        ? Optional.of(new OrtWeightPacker(environment))
        : Optional.empty();
  }

  @Override
  public List<Fallback> fallbacks(TappedGraph graph) {
    return provider == Provider.CUDA ? CudaKernels.fallbacks(graph.model()) : List.of();
  }

  @Override
  public String provider() {
    return provider.name().toLowerCase(Locale.ROOT)
        + (provider == Provider.CUDA ? ":" + device : "");
  }

  @Override
  public String version() {
    return environment.getVersion();
  }

  private void addCuda(OrtSession.SessionOptions options) throws OrtException {
    // Constructed first: its message names the missing library, that of addCUDA(int) does not.
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device)) {
      // Else products of F32 are computed with 10 bits of mantissa, and tokens differ from those of
      // the processor.
      cuda.add("use_tf32", "0");
      options.addCUDA(cuda);
    }
  }

  private ModelException cudaMissing(OrtException e) {
    String found = EngineText.of(e);
    return new ModelException(
        "provider cuda (device %d) is not available: %s; %s, or use --provider cpu"
            .formatted(device, found, CudaNeeds.fix(found)),
        e);
  }
}
