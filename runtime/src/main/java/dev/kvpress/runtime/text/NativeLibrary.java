package dev.kvpress.runtime.text;

import dev.kvpress.runtime.ModelException;

/** Keeps DJL, which binds the native tokenizer library, to this machine. */
final class NativeLibrary {
  private NativeLibrary() {}

  /**
   * Sets what DJL asks for when its classes load; a value that the host program has set stays.
   *
   * <p>Without these DJL reports each start to its makers (once a day and process), and on a
   * machine with CUDA fetches a library for it; the one for the CPU comes inside the jar.
   */
  static synchronized void prepare() {
    setDefault("OPT_OUT_TRACKING", "true");
    setDefault("ai.djl.offline", "true");
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** One line for a native library that did not load. */
  static ModelException absent(LinkageError e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return new ModelException(
        "the native tokenizer library cannot be loaded ("
            + root.getMessage()
            + "); it is unpacked to the home folder, or to the one that DJL_CACHE_DIR names,"
            + " which must be writable",
        e);
  }
}
