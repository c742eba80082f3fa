package dev.kvpress.runtime.decode;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.runtime.ModelException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a user once how to get the faster arithmetic of presses, which know of no log. */
final class PressKernels {
  private static final Logger LOG = LoggerFactory.getLogger(PressKernels.class);
  private static final AtomicBoolean SAID = new AtomicBoolean();

  private PressKernels() {}

  /**
   * Says what there is to say.
   *
   * @throws ModelException if kernels were asked for that are not there
   */
  static void announce() {
    try {
      Kernels.advice().filter(advice -> SAID.compareAndSet(false, true)).ifPresent(LOG::info);
    } catch (ExceptionInInitializerError e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new ModelException(String.valueOf(reason.getMessage()), e);
    }
  }
}
