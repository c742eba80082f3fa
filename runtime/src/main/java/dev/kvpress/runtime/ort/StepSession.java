package dev.kvpress.runtime.ort;

import java.util.Map;

/** A graph ready to run: named tensors in, named tensors out, all in memory of the caller. */
public interface StepSession extends AutoCloseable {

  /**
   * Runs the graph once. An output may lie on the memory of an input where the graph allows it
   * (cache that is written in place).
   *
   * @param inputs every input of the graph by name
   * @param outputs where the wanted outputs go, by name, with their exact shapes
   * @throws dev.kvpress.runtime.ModelException if the graph refuses or fails; outputs are undefined
   *     then, inputs untouched
   */
  void run(Map<String, HostTensor> inputs, Map<String, HostTensor> outputs);

  /**
   * Runs the graph once to see how large one of its outputs becomes, where its declaration leaves
   * that open.
   *
   * @throws dev.kvpress.runtime.ModelException if the graph refuses or fails
   */
  long[] shapeOf(Map<String, HostTensor> inputs, String output);

  /** Lets the graph go; closing twice does nothing more. */
  @Override
  void close();
}
