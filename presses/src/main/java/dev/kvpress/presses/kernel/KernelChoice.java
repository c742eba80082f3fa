package dev.kvpress.presses.kernel;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which implementation of the kernels runs.
 *
 * @param kernels the implementation
 * @param advice what a user should do to get the faster one; empty where it runs or was declined
 */
record KernelChoice(KernelSet kernels, Optional<String> advice) {
  /** System property that chooses by hand: {@code plain} or {@code vector}. */
  static final String PROPERTY = "kvpress.kernels";

  private static final String MODULE = "jdk.incubator.vector";

  // Named and not linked: its class file can only be loaded where the module is.
  private static final String VECTOR_CLASS = "dev.kvpress.presses.kernel.VectorKernels";

  static KernelChoice ofThisMachine() {
    return of(System.getProperty(PROPERTY), KernelChoice::vectorKernels);
  }

  /**
   * Chooses.
   *
   * @param wanted what the property says, null if it is not set
   * @param vector makes the faster implementation, or throws an {@link IllegalStateException} that
   *     says what to do about it
   * @throws IllegalArgumentException if the property is neither, or asks for what is not there
   */
  static KernelChoice of(@Nullable String wanted, Supplier<KernelSet> vector) {
    String name = wanted == null ? "" : wanted.strip().toLowerCase(Locale.ROOT);
    return switch (name) {
      case "plain" -> new KernelChoice(new PlainKernels(), Optional.empty());
      case "vector" -> forced(vector);
      case "" -> fastest(vector);
      default ->
          throw new IllegalArgumentException(
              "-D%s must be plain or vector, found '%s'; leave it out to have the faster one that is there"
                  .formatted(PROPERTY, wanted));
    };
  }

  private static KernelChoice forced(Supplier<KernelSet> vector) {
    try {
      return new KernelChoice(vector.get(), Optional.empty());
    } catch (IllegalStateException e) {
      throw new IllegalArgumentException(
          "-D%s=vector cannot be followed: %s".formatted(PROPERTY, e.getMessage()), e);
    }
  }

  private static KernelChoice fastest(Supplier<KernelSet> vector) {
    try {
      return new KernelChoice(vector.get(), Optional.empty());
    } catch (IllegalStateException e) {
      return new KernelChoice(
          new PlainKernels(),
          Optional.of(
              "presses run in plain Java, some of them several times as long as with vector instructions; "
                  + e.getMessage()));
    }
  }

  /**
   * The implementation out of vector instructions.
   *
   * @throws IllegalStateException if this Java machine cannot have it, with what to do about it
   */
  static KernelSet vectorKernels() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      throw new IllegalStateException("start Java with --add-modules " + MODULE);
    }
    // Without the optimising compiler each instruction would be a call and an object.
    String mode = System.getProperty("java.vm.info", "");
    if (mode.contains("interpreted") || mode.contains("emulated-client")) {
      throw new IllegalStateException(
          "start Java without -Xint and -XX:TieredStopAtLevel (it runs in %s)".formatted(mode));
    }
    try {
      KernelSet kernels =
          Class.forName(VECTOR_CLASS)
              .asSubclass(KernelSet.class)
              .getDeclaredConstructor()
              .newInstance();
      KernelCheck.requireSame(new PlainKernels(), kernels);
      return kernels;
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new IllegalStateException(
          "the module %s of Java %s does not suit this version: %s"
              .formatted(MODULE, Runtime.version(), e),
          e);
    }
  }
}
