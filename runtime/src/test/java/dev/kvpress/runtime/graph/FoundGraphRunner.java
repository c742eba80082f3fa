package dev.kvpress.runtime.graph;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Runs a decoder graph as it lies in a file, as a program would that has never heard of us. */
final class FoundGraphRunner implements AutoCloseable {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

  private final OrtSession session;

  FoundGraphRunner(Path file) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = ENVIRONMENT.createSession(file.toString(), options);
    }
  }

  List<String> outputs() {
    return List.copyOf(session.getOutputNames());
  }

  /** The same tokens in as many passes as the graph needs for them. */
  int[][] passes(int[]... wanted) throws OrtException {
    TensorInfo ids = (TensorInfo) session.getInputInfo().get("input_ids").getInfo();
    return ids.getShape()[1] != 1
        ? wanted
        : Arrays.stream(wanted)
            .flatMapToInt(Arrays::stream)
            .mapToObj(id -> new int[] {id})
            .toArray(int[][]::new);
  }

  /** Outputs of the last of some passes, each over the cache of the one before. */
  Map<String, OnnxTensor> run(int[]... passes) throws OrtException {
    Map<String, OnnxTensorLike> cache = new LinkedHashMap<>();
    Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    int seen = 0;
    for (int[] ids : passes) {
      Map<String, OnnxTensorLike> inputs = new LinkedHashMap<>();
      List<String> pasts = new ArrayList<>();
      for (Map.Entry<String, ai.onnxruntime.NodeInfo> input : session.getInputInfo().entrySet()) {
        String name = input.getKey();
        if (name.startsWith("past")) {
          pasts.add(name);
        }
        TensorInfo info = (TensorInfo) input.getValue().getInfo();
        inputs.put(name, cache.containsKey(name) ? cache.get(name) : fed(name, info, ids, seen));
      }
      outputs = new LinkedHashMap<>();
      for (Map.Entry<String, ai.onnxruntime.OnnxValue> output : session.run(inputs)) {
        outputs.put(output.getKey(), (OnnxTensor) output.getValue());
      }
      List<OnnxTensor> states =
          outputs.entrySet().stream()
              .filter(e -> e.getKey().startsWith("present"))
              .map(Map.Entry::getValue)
              .toList();
      for (int i = 0; i < pasts.size(); i++) {
        cache.put(pasts.get(i), states.get(i));
      }
      seen += ids.length;
    }
    return outputs;
  }

  private static OnnxTensor fed(String name, TensorInfo info, int[] ids, int seen)
      throws OrtException {
    int total = seen + ids.length;
    return switch (name) {
      case "input_ids" -> integers(info.type, ids, 1, ids.length);
      case "position_ids" ->
          integers(info.type, IntStream.range(seen, total).toArray(), 1, ids.length);
      case "attention_mask" -> {
        int[] ones = new int[total];
        Arrays.fill(ones, 1);
        yield integers(info.type, ones, 1, total);
      }
      case "num_logits_to_keep" -> integers(info.type, new int[] {0});
      case "use_cache_branch" -> OnnxTensor.createTensor(ENVIRONMENT, new boolean[] {true});
      default -> empty(info);
    };
  }

  private static OnnxTensor integers(OnnxJavaType type, int[] values, long... shape)
      throws OrtException {
    int bytes = type == OnnxJavaType.INT64 ? 8 : 4;
    ByteBuffer data =
        ByteBuffer.allocateDirect(bytes * values.length).order(ByteOrder.nativeOrder());
    for (int value : values) {
      if (bytes == 8) {
        data.putLong(value);
      } else {
        data.putInt(value);
      }
    }
    return OnnxTensor.createTensor(ENVIRONMENT, data.flip(), shape, type);
  }

  /** Zeros where every size is known, a cache without tokens otherwise. */
  private static OnnxTensor empty(TensorInfo info) throws OrtException {
    long[] shape = info.getShape();
    int batch = shape.length == 5 ? 1 : 0;
    long elements = 1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] < 0) {
        shape[i] = i == batch ? 1 : 0;
      }
      elements *= shape[i];
    }
    int bytes = info.type == OnnxJavaType.FLOAT16 ? 2 : 4;
    ByteBuffer data =
        ByteBuffer.allocateDirect((int) Math.max(1, elements) * bytes)
            .order(ByteOrder.nativeOrder());
    return OnnxTensor.createTensor(
        ENVIRONMENT, data.limit((int) elements * bytes), shape, info.type);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
