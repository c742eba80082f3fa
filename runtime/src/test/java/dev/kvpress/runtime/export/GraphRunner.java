package dev.kvpress.runtime.export;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.PackedPorts;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.ort.HostTensor;
import dev.kvpress.runtime.ort.Provider;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Runs decoder graphs in tests, one pass at a time, with every tensor copied to the heap. */
public final class GraphRunner implements AutoCloseable {
  private static final String KERNEL = "_kernel_time";

  private final OrtSession session;
  private final DecoderInterface ports;

  private GraphRunner(OrtSession session, DecoderInterface ports) {
    this.session = session;
    this.ports = ports;
  }

  public static GraphRunner open(Path onnx) throws OrtException {
    return open(onnx, TapRequest.NONE);
  }

  public static GraphRunner open(Path onnx, TapRequest request) throws OrtException {
    return open(GraphTap.tap(DecoderGraph.read(onnx), request));
  }

  public static GraphRunner open(TappedGraph graph) throws OrtException {
    return open(graph, Optional.empty());
  }

  /** Opens a graph of which {@link #nodesInOrder} will tell how it ran. */
  public static GraphRunner watched(TappedGraph graph, Path profile) throws OrtException {
    return open(graph, Optional.of(profile));
  }

  private static GraphRunner open(TappedGraph graph, Optional<Path> profile) throws OrtException {
    try (OrtSession.SessionOptions options = options()) {
      if (profile.isPresent()) {
        options.enableProfiling(profile.get().toString());
      }
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path",
          graph.externalDataFolder().toString());
      return new GraphRunner(
          OrtEnvironment.getEnvironment().createSession(graph.modelBytes(), options),
          graph.ports());
    }
  }

  static OrtSession.SessionOptions options() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.addConfigEntry("session.disable_prepacking", "1");
    if (TestProvider.chosen() == Provider.CUDA) {
      // Options of the provider cannot be made before the engine has started.
      OrtEnvironment.getEnvironment();
      try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(0)) {
        cuda.add("use_tf32", "0");
        options.addCUDA(cuda);
      }
    }
    return options;
  }

  public DecoderInterface ports() {
    return ports;
  }

  /** Names of the nodes that have run since the session was opened; it records no more then. */
  public List<String> nodesInOrder() throws OrtException, IOException {
    Path file = Path.of(session.endProfiling());
    SortedMap<Long, String> begun = new TreeMap<>();
    for (JsonNode event : JsonMapper.builder().build().readTree(file.toFile())) {
      String name = event.path("name").asText();
      if (event.path("cat").asText().equals("Node") && name.endsWith(KERNEL)) {
        long at = event.path("ts").asLong() << 16;
        while (begun.containsKey(at)) {
          at++;
        }
        begun.put(at, name.substring(0, name.length() - KERNEL.length()));
      }
    }
    return List.copyOf(begun.values());
  }

  /** One row of the batch without cache. */
  public Pass pass(long... ids) {
    return new Pass(new long[][] {ids});
  }

  public Pass batch(long[]... ids) {
    return new Pass(ids);
  }

  /**
   * Inputs of one pass; what is not said is: no cache, positions from 0, all tokens valid, bias 0.
   */
  public final class Pass {
    private final long[][] ids;
    private long[][] positions;
    private long[][] mask;
    private final Map<String, Tensor> floats = new HashMap<>();
    private final Map<String, int[]> lengths = new HashMap<>();
    private final Map<String, long[]> cachePositions = new HashMap<>();
    private final Map<String, HostTensor> packed = new HashMap<>();

    private Pass(long[][] ids) {
      this.ids = ids;
      this.positions = new long[ids.length][];
      Arrays.fill(positions, IntStream.range(0, ids[0].length).asLongStream().toArray());
    }

    public Pass positions(long[]... rows) {
      positions = rows;
      return this;
    }

    public Pass mask(long[]... rows) {
      mask = rows;
      return this;
    }

    /** Continues from the caches of an earlier pass. */
    public Pass after(Map<String, Tensor> outputs) {
      for (LayerPorts layer : ports.layers()) {
        cache(layer.layer(), outputs.get(layer.presentKey()), outputs.get(layer.presentValue()));
      }
      return this;
    }

    public Pass cache(int layer, Tensor key, Tensor value) {
      LayerPorts names = layer(layer);
      floats.put(names.pastKey(), key);
      floats.put(names.pastValue(), value);
      return this;
    }

    /** Where the cached tokens of a layer stood; else they stand at 0, 1, … */
    public Pass cachePositions(int layer, int... positions) {
      String input = layer(layer).cachePositions();
      if (input != null) {
        cachePositions.put(input, Arrays.stream(positions).asLongStream().toArray());
      }
      return this;
    }

    /** Packed tokens of a layer, before its others: codes, scales, minima of keys, of values. */
    public Pass packed(int layer, HostTensor... tensors) {
      PackedPorts names = layer(layer).packed();
      List<String> inputs =
          List.of(
              names.keyCodes(),
              names.keyScales(),
              names.keyMinima(),
              names.valueCodes(),
              names.valueScales(),
              names.valueMinima());
      for (int i = 0; i < inputs.size(); i++) {
        packed.put(inputs.get(i), tensors[i]);
      }
      return this;
    }

    public Pass bias(int layer, Tensor bias) {
      floats.put(layer(layer).cacheBias(), bias);
      return this;
    }

    public Pass lengths(int layer, int... filled) {
      lengths.put(layer(layer).cacheLength(), filled);
      return this;
    }

    private LayerPorts layer(int number) {
      return ports.layers().stream().filter(l -> l.layer() == number).findFirst().orElseThrow();
    }

    public Map<String, Tensor> run() throws OrtException {
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      try {
        feed(inputs);
        feedPacked(inputs);
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        try (OrtSession.Result result = session.run(inputs)) {
          for (Map.Entry<String, OnnxValue> entry : result) {
            OnnxTensor tensor = (OnnxTensor) entry.getValue();
            FloatBuffer data = tensor.getFloatBuffer();
            float[] copy = new float[data.remaining()];
            data.get(copy);
            outputs.put(entry.getKey(), new Tensor(tensor.getInfo().getShape(), copy));
          }
        }
        return outputs;
      } finally {
        inputs.values().forEach(OnnxTensor::close);
      }
    }

    private void feed(Map<String, OnnxTensor> inputs) throws OrtException {
      int batch = ids.length;
      inputs.put(ports.inputIds(), integers(ports.inputIdsType(), ids));
      if (ports.positionIds() != null) {
        inputs.put(ports.positionIds(), integers(ports.positionIdsType(), positions));
      }
      if (ports.sequenceLength() != null) {
        long[] ends = Arrays.stream(positions).mapToLong(row -> row[row.length - 1] + 1).toArray();
        inputs.put(
            ports.sequenceLength(),
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(), LongBuffer.wrap(ends), new long[] {batch}));
      }
      int past = 0;
      for (LayerPorts layer : ports.layers()) {
        Tensor empty = Tensor.zeros(batch, ports.kvHeads(), 0, ports.headSize());
        Tensor key = floats.getOrDefault(layer.pastKey(), empty);
        past = key.dim(2);
        inputs.put(layer.pastKey(), tensor(key));
        inputs.put(layer.pastValue(), tensor(floats.getOrDefault(layer.pastValue(), empty)));
        if (layer.packed() != null) {
          past += (int) packed.get(layer.packed().valueCodes()).shape()[2];
        }
        if (layer.cacheBias() != null) {
          Tensor bias = Tensor.zeros(batch, ports.kvHeads(), 1, past);
          inputs.put(layer.cacheBias(), tensor(floats.getOrDefault(layer.cacheBias(), bias)));
        }
        if (layer.cachePositions() != null) {
          long[] given = cachePositions.getOrDefault(layer.cachePositions(), range(0, past));
          long[][] rows = new long[batch][];
          Arrays.fill(rows, given);
          long[] flat = Arrays.stream(rows).flatMapToLong(Arrays::stream).toArray();
          inputs.put(
              layer.cachePositions(),
              OnnxTensor.createTensor(
                  OrtEnvironment.getEnvironment(),
                  LongBuffer.wrap(flat),
                  new long[] {batch, 1, past}));
        }
        if (layer.cacheLength() != null) {
          int[] filled = new int[batch];
          Arrays.fill(filled, past);
          int[] given = lengths.getOrDefault(layer.cacheLength(), filled);
          inputs.put(
              layer.cacheLength(),
              OnnxTensor.createTensor(
                  OrtEnvironment.getEnvironment(), IntBuffer.wrap(given), new long[] {batch}));
        }
      }
      if (ports.attentionMask() != null) {
        boolean ownForm = ports.form() != AttentionForm.FOREIGN;
        int before = ports.masksText() ? (int) positions[0][0] : ownForm ? 0 : past;
        int width = ids[0].length + before;
        long[][] ones = new long[batch][width];
        for (long[] row : ones) {
          Arrays.fill(row, 1);
        }
        inputs.put(
            ports.attentionMask(), integers(ports.attentionMaskType(), mask == null ? ones : mask));
      }
    }

    private void feedPacked(Map<String, OnnxTensor> inputs) throws OrtException {
      for (Map.Entry<String, HostTensor> input : packed.entrySet()) {
        HostTensor tensor = input.getValue();
        inputs.put(
            input.getKey(),
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                tensor.data(),
                tensor.shape(),
                tensor.type() == ElementType.UINT8 ? OnnxJavaType.UINT8 : OnnxJavaType.FLOAT16));
      }
    }

    private OnnxTensor integers(ElementType type, long[][] rows) throws OrtException {
      long[] flat = Arrays.stream(rows).flatMapToLong(Arrays::stream).toArray();
      long[] shape = {rows.length, rows[0].length};
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      if (type == ElementType.INT32) {
        int[] small = Arrays.stream(flat).mapToInt(Math::toIntExact).toArray();
        return OnnxTensor.createTensor(environment, IntBuffer.wrap(small), shape);
      }
      return OnnxTensor.createTensor(environment, LongBuffer.wrap(flat), shape);
    }

    private OnnxTensor tensor(Tensor tensor) throws OrtException {
      return OnnxTensor.createTensor(
          OrtEnvironment.getEnvironment(), FloatBuffer.wrap(tensor.data()), tensor.shape());
    }
  }

  /** Positions from, from+1, … */
  public static long[] range(int from, int to) {
    return IntStream.range(from, to).asLongStream().toArray();
  }

  /** Values of one name over all layers. */
  public static List<Tensor> perLayer(Map<String, Tensor> outputs, String prefix) {
    List<Tensor> tensors = new ArrayList<>();
    outputs.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            tensors.add(tensor);
          }
        });
    return tensors;
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
