package dev.kvpress.presses.spec;

import java.util.List;

/**
 * A supplier of presses. Jars register theirs in {@code
 * META-INF/services/dev.kvpress.presses.spec.PressProvider}.
 */
public interface PressProvider {

  /** The catalogue lines of this supplier. */
  List<PressDescriptor> presses();
}
