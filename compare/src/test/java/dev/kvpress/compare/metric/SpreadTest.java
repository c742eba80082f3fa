package dev.kvpress.compare.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SpreadTest {
  private static Spread spread(JsonNode values) {
    ImmutableDoubleArray.Builder builder = ImmutableDoubleArray.builder();
    values.forEach(value -> builder.add(value.asDouble()));
    return new Spread(builder.build());
  }

  private static void hold(OptionalDouble error, JsonNode expected) {
    assertThat(error.isPresent()).isEqualTo(expected.isNumber());
    error.ifPresent(e -> assertThat(e).isCloseTo(expected.asDouble(), within(1e-12)));
  }

  @Test
  void saysWhatLlamaCppSays() {
    for (JsonNode row : OriginalFigures.rows("kl", 5)) {
      Spread kl = spread(row.get("kl"));
      assertThat(kl.quantile(500)).isCloseTo(row.get("median").asDouble(), within(1e-12));
      assertThat(kl.quantile(900)).isCloseTo(row.get("p90").asDouble(), within(1e-12));
      assertThat(kl.quantile(990)).isCloseTo(row.get("p99").asDouble(), within(1e-12));
      assertThat(kl.quantile(999)).isCloseTo(row.get("p999").asDouble(), within(1e-12));
      assertThat(kl.quantile(1000)).isEqualTo(row.get("max").asDouble());
      hold(kl.meanError(), row.get("mean_error"));
      Spread change = spread(row.get("p_diff"));
      assertThat(change.rootMeanSquare())
          .isCloseTo(row.get("p_diff_rms").asDouble(), within(1e-12));
      hold(change.meanError(), row.get("p_diff_mean_error"));
      hold(change.rootMeanSquareError(), row.get("p_diff_rms_error"));
      hold(spread(row.get("same")).meanError(), row.get("top1_error"));
    }
  }

  @Test
  void infiniteValuesHaveQuantilesAndNoError() {
    Spread spread = Spread.of(1, 2, Double.POSITIVE_INFINITY);
    assertThat(spread.quantile(500)).isEqualTo(2);
    assertThat(spread.quantile(900)).isInfinite();
    assertThat(spread.meanError()).isEmpty();
  }

  @Test
  void nothingChangedHasNoError() {
    assertThat(Spread.of(0, 0, 0).rootMeanSquareError()).hasValue(0);
  }

  @Test
  void refusesNoValues() {
    assertThatThrownBy(Spread::of).hasMessageContaining("found none");
  }
}
