package dev.kvpress.runtime.auxiliary;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where trained tensors are looked for, beside the folder {@code presses/} of the model.
 *
 * @param paths safetensors files, pattern files, or folders that hold such
 * @param kvzapScorer folder of a KVzap surrogate in kvpress's layout
 */
public record AuxiliarySources(List<Path> paths, Optional<Path> kvzapScorer) {
  /** Only what lies beside the model. */
  public static final AuxiliarySources NONE = new AuxiliarySources(List.of(), Optional.empty());

  /** Takes a copy of the paths. */
  public AuxiliarySources {
    paths = List.copyOf(paths);
    requireNonNull(kvzapScorer, "kvzapScorer is null");
  }
}
