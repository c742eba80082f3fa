package dev.kvpress.runtime.ort;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.ElementType;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One loaded graph of ONNX Runtime; outputs are pinned on the caller's memory.
 *
 * <p>Runs share it. Closing waits for those that have begun: the engine would go on in memory that
 * is no longer there and take the process with it.
 */
final class OrtStepSession implements StepSession {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final LongAdder engineNanos = new LongAdder();

  /** Held for reading by runs, for writing by whoever closes. */
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

  private boolean closed;

  OrtStepSession(OrtEnvironment environment, OrtSession session) {
    this.environment = environment;
    this.session = session;
  }

  @Override
  public void run(Map<String, HostTensor> inputs, Map<String, HostTensor> outputs) {
    begin();
    try {
      runOpen(inputs, outputs);
    } finally {
      use.readLock().unlock();
    }
  }

  /** Keeps the session open until the lock is given back. */
  private void begin() {
    use.readLock().lock();
    if (closed) {
      use.readLock().unlock();
      // Not a ModelException: a probe would take that for a fault of the graph.
      throw new IllegalStateException(
          "the session is closed and runs no more passes: its model was closed meanwhile");
    }
  }

  private void runOpen(Map<String, HostTensor> inputs, Map<String, HostTensor> outputs) {
    Map<String, OnnxTensor> fed = new HashMap<>();
    Map<String, OnnxTensor> pinned = new HashMap<>();
    // A tensor may stand under several names, a cache that is written in place under two.
    Map<HostTensor, OnnxTensor> wrapped = new IdentityHashMap<>();
    try {
      for (Map.Entry<String, HostTensor> entry : inputs.entrySet()) {
        fed.put(entry.getKey(), wrap(entry.getValue(), wrapped));
      }
      for (Map.Entry<String, HostTensor> entry : outputs.entrySet()) {
        pinned.put(entry.getKey(), wrap(entry.getValue(), wrapped));
      }
      long start = System.nanoTime();
      session.run(fed, pinned).close();
      engineNanos.add(System.nanoTime() - start);
    } catch (OrtException e) {
      throw new ModelException("ONNX Runtime failed in a pass: " + EngineText.of(e), e);
    } finally {
      wrapped.values().forEach(OnnxTensor::close);
    }
  }

  @Override
  public Map<String, HostTensor> read(Map<String, HostTensor> inputs, Set<String> wanted) {
    begin();
    try {
      return readOpen(inputs, wanted);
    } finally {
      use.readLock().unlock();
    }
  }

  private Map<String, HostTensor> readOpen(Map<String, HostTensor> inputs, Set<String> wanted) {
    Map<String, OnnxTensor> fed = new HashMap<>();
    try {
      for (Map.Entry<String, HostTensor> entry : inputs.entrySet()) {
        fed.put(entry.getKey(), wrap(entry.getValue()));
      }
      Map<String, HostTensor> copies = new HashMap<>();
      long start = System.nanoTime();
      try (OrtSession.Result result = session.run(fed, wanted)) {
        engineNanos.add(System.nanoTime() - start);
        for (Map.Entry<String, OnnxValue> entry : result) {
          copies.put(entry.getKey(), copy(entry.getKey(), entry.getValue()));
        }
      }
      return copies;
    } catch (OrtException e) {
      throw new ModelException("ONNX Runtime failed in a pass: " + EngineText.of(e), e);
    } finally {
      fed.values().forEach(OnnxTensor::close);
    }
  }

  private static HostTensor copy(String name, OnnxValue value) {
    if (!(value instanceof OnnxTensor tensor)) {
      throw new ModelException("output %s is no tensor: %s".formatted(name, value.getType()));
    }
    TensorInfo info = tensor.getInfo();
    ElementType type =
        switch (info.type) {
          case FLOAT -> ElementType.FLOAT32;
          case FLOAT16 -> ElementType.FLOAT16;
          case BFLOAT16 -> ElementType.BFLOAT16;
          case INT64 -> ElementType.INT64;
          case INT32 -> ElementType.INT32;
          case BOOL -> ElementType.BOOL;
          case UINT8 -> ElementType.UINT8;
          default ->
              throw new ModelException(
                  "output %s has elements of type %s".formatted(name, info.type));
        };
    HostTensor copy = HostTensor.allocate(type, info.getShape());
    // An empty tensor has no memory to be read.
    if (copy.data().capacity() > 0) {
      copy.data().put(0, tensor.getByteBuffer(), 0, copy.data().capacity());
    }
    return copy;
  }

  private OnnxTensor wrap(HostTensor tensor, Map<HostTensor, OnnxTensor> wrapped)
      throws OrtException {
    OnnxTensor known = wrapped.get(tensor);
    if (known == null) {
      known = wrap(tensor);
      wrapped.put(tensor, known);
    }
    return known;
  }

  private OnnxTensor wrap(HostTensor tensor) throws OrtException {
    OnnxJavaType type =
        switch (tensor.type()) {
          case FLOAT32 -> OnnxJavaType.FLOAT;
          case FLOAT16 -> OnnxJavaType.FLOAT16;
          case BFLOAT16 -> OnnxJavaType.BFLOAT16;
          case INT64 -> OnnxJavaType.INT64;
          case INT32 -> OnnxJavaType.INT32;
          case BOOL -> OnnxJavaType.BOOL;
          case UINT8 -> OnnxJavaType.UINT8;
        };
    return OnnxTensor.createTensor(environment, tensor.data(), tensor.shape(), type);
  }

  @Override
  public long engineNanos() {
    return engineNanos.sum();
  }

  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        session.close();
      }
    } catch (OrtException e) {
      throw new ModelException("ONNX Runtime failed to close a session: " + EngineText.of(e), e);
    } finally {
      use.writeLock().unlock();
    }
  }
}
