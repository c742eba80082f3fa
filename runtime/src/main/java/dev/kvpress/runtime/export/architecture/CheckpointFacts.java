package dev.kvpress.runtime.export.architecture;

import java.util.function.Predicate;

/**
 * What a configuration alone does not say.
 *
 * @param architecture class name in Hugging Face's terms
 * @param tensors whether the checkpoint holds a tensor of a name
 */
public record CheckpointFacts(String architecture, Predicate<String> tensors) {

  boolean has(String tensor) {
    return tensors.test(tensor);
  }
}
