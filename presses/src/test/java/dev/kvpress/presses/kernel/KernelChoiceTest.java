package dev.kvpress.presses.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class KernelChoiceTest {
  private static final Supplier<KernelSet> MISSING =
      () -> {
        throw new IllegalStateException("start Java with --add-modules some.module");
      };

  @Test
  void takesTheFasterOneThatIsThere() {
    KernelChoice choice = KernelChoice.of(null, KernelChoice::vectorKernels);
    assertThat(choice.kernels().description()).matches("jdk.incubator.vector, \\d+ bits");
    assertThat(choice.advice()).isEmpty();
  }

  @Test
  void withoutItSaysWhatToDo() {
    KernelChoice choice = KernelChoice.of(null, MISSING);
    assertThat(choice.kernels()).isInstanceOf(PlainKernels.class);
    assertThat(choice.advice().orElseThrow()).contains("start Java with --add-modules some.module");
  }

  @Test
  void plainOnesMayBeChosenWithoutAdvice() {
    KernelChoice choice = KernelChoice.of(" Plain", KernelChoice::vectorKernels);
    assertThat(choice.kernels()).isInstanceOf(PlainKernels.class);
    assertThat(choice.advice()).isEmpty();
  }

  @Test
  void refusesWhatIsNotThere() {
    assertThatThrownBy(() -> KernelChoice.of("vector", MISSING))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-Dkvpress.kernels=vector")
        .hasMessageContaining("start Java with --add-modules some.module");
    assertThatThrownBy(() -> KernelChoice.of("fast", MISSING))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-Dkvpress.kernels must be plain or vector, found 'fast'");
  }

  @Test
  void anImplementationThatDiffersIsNotTaken() {
    KernelSet broken =
        new ForwardingKernels(new PlainKernels()) {
          @Override
          public void addProduct(
              float[][] left, int from, float[][] right, float[][] into, int rows, int columns) {
            super.addProduct(left, from, right, into, rows, columns - 1);
          }
        };
    assertThatThrownBy(() -> KernelCheck.requireSame(new PlainKernels(), broken))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("-Dkvpress.kernels=plain");
  }
}
