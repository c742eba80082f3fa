package dev.kvpress.compare.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.export.weights.WeightFormat;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParameterException;

class BenchOptionsTest {
  private static BenchOptions parse(String... arguments) {
    BenchOptions options = new BenchOptions();
    BenchMain.commandLine(options).parseArgs(arguments);
    return options;
  }

  @Test
  void weightsAreNamedAsInCompare() {
    assertThat(parse().weights).isEqualTo(WeightFormat.F32);
    assertThat(parse("--weights", "int8").weights).isEqualTo(WeightFormat.INT8);
    assertThat(BenchOptions.decoder(WeightFormat.INT4, 2, Path.of("cache")).exportFormat())
        .isEqualTo(WeightFormat.INT4);
    assertThatThrownBy(() -> parse("--weights", "int5")).isInstanceOf(ParameterException.class);
  }

  @Test
  void layersAreThoseOfTheShapeUnlessGiven() {
    assertThat(parse("--layers", "2").shape().layers()).isEqualTo(2);
    assertThat(parse().shape().layers()).isEqualTo(8);
  }
}
