package dev.kvpress.runtime.ort;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import dev.kvpress.runtime.ModelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * ONNX Runtime in this process, started once.
 *
 * <p>From 1.29 on it sends usage data unless told not to, and while it gathers them it matches the
 * process's command line with regular expressions that recurse on the stack: a Java command line of
 * some 4,000 characters, which a class path easily has, ends the process with a segmentation fault
 * and no word (measured with 1.29.0; {@code ORT_DISABLE_TELEMETRY=1} in the environment avoids it).
 * A process cannot change its own environment in Java, so the engine starts on a thread with a
 * large stack, and is told to send nothing right after.
 */
final class Engine {
  // Reserved, not used: enough for command lines of about 250,000 characters.
  private static final long STACK_BYTES = 64L << 20;

  private Engine() {}

  private static final class Holder {
    static final OrtEnvironment ENVIRONMENT = start();
  }

  /** The one environment. */
  static OrtEnvironment environment() {
    return Holder.ENVIRONMENT;
  }

  private static OrtEnvironment start() {
    CompletableFuture<OrtEnvironment> started = new CompletableFuture<>();
    Thread starter =
        new Thread(
            null,
            () -> {
              try {
                OrtEnvironment environment =
                    OrtEnvironment.getEnvironment(
                        OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "kvpress");
                environment.setTelemetry(false);
                started.complete(environment);
              } catch (OrtException | RuntimeException | LinkageError e) {
                started.completeExceptionally(e);
              }
            },
            "onnxruntime-start",
            STACK_BYTES);
    starter.setDaemon(true);
    starter.start();
    try {
      return started.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ModelException("ONNX Runtime cannot be started: " + cause.getMessage(), cause);
    }
  }
}
