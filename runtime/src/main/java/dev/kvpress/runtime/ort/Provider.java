package dev.kvpress.runtime.ort;

/** Where graphs run. */
public enum Provider {
  /** The processor; always there. */
  CPU,
  /** An NVIDIA GPU; needs the build profile {@code cuda} and the CUDA libraries. */
  CUDA
}
