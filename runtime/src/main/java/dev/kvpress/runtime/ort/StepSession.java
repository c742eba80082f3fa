package dev.kvpress.runtime.ort;

import java.util.Map;
import java.util.Set;

/**
 * A graph ready to run: named tensors in, named tensors out, all in memory of the caller.
 *
 * <p>Many threads may run it at once, and any may close it: that waits for the runs that have
 * begun.
 */
public interface StepSession extends AutoCloseable {

  /**
   * Runs the graph once. An output may lie on the memory of an input where the graph allows it
   * (cache that is written in place).
   *
   * @param inputs every input of the graph by name
   * @param outputs where the wanted outputs go, by name, with their exact shapes
   * @throws dev.kvpress.runtime.ModelException if the graph refuses or fails; outputs are undefined
   *     then, inputs untouched
   * @throws IllegalStateException if the session is closed
   */
  void run(Map<String, HostTensor> inputs, Map<String, HostTensor> outputs);

  /**
   * Runs the graph once and copies what it gives, of whatever shape that is. Slower than {@link
   * #run}; for looking at a graph whose declarations leave things open.
   *
   * @param inputs every input of the graph by name
   * @param wanted names of outputs
   * @return the wanted outputs by name
   * @throws dev.kvpress.runtime.ModelException if the graph refuses or fails
   * @throws IllegalStateException if the session is closed
   */
  Map<String, HostTensor> read(Map<String, HostTensor> inputs, Set<String> wanted);

  /** Time that all runs so far have spent inside the engine, in nanoseconds. */
  long engineNanos();

  /** Lets the graph go once no run is in it; closing twice does nothing more. */
  @Override
  void close();
}
