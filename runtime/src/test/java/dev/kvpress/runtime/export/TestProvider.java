package dev.kvpress.runtime.export;

import dev.kvpress.runtime.ort.Provider;
import java.util.Locale;

/**
 * Where tests tagged {@value #TAG} run their graphs: the processor, or what {@code
 * -Dkvpress.provider} names ({@code bin/gpu-check} does).
 */
public final class TestProvider {
  /** Tag of tests whose figures must hold on every provider. */
  public static final String TAG = "provider";

  /** Property that names a provider. */
  public static final String PROPERTY = "kvpress.provider";

  private TestProvider() {}

  public static Provider chosen() {
    return Provider.valueOf(
        System.getProperty(PROPERTY, Provider.CPU.name()).toUpperCase(Locale.ROOT));
  }
}
