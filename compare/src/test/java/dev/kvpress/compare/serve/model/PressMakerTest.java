package dev.kvpress.compare.serve.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the server says of presses and caches reaches presses that requests name. */
class PressMakerTest {
  private final PressMaker maker =
      new PressMaker(
          PressCatalog.load(),
          new PressDefaults(Map.of("h2o", Map.of("local_window_size", "7"))),
          spec -> "quantized(" + spec + ",bits=4)");

  private final PressDesk desk =
      new PressDesk(
          new ServedModel(
              "demo",
              OptionalInt.empty(),
              PressWish.NONE,
              Map.of("fast", PressWish.parse("knorm@0.3")),
              1),
          maker);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "demo:knorm@0.5                    | quantized(knorm,bits=4)",
        "demo:baseline                     | quantized(baseline,bits=4)",
        "demo                              | quantized(baseline,bits=4)",
        "fast                              | quantized(knorm,bits=4)",
        "demo:h2o@0.5                      | quantized(h2o(local_window_size=7),bits=4)",
        "demo:quantized(knorm,bits=8)@0.5  | quantized(knorm,bits=8)",
        "demo:minikv@0.5                   | minikv",
      })
  void everyNameIsKeptInTheServersBits(String name, String spec) {
    assertThat(desk.named(name).spec()).isEqualTo(spec);
  }

  @Test
  void soIsAPressThatAFieldNames() {
    PressWish wish =
        new PressWish(Optional.of("knorm"), OptionalDouble.of(0.5), OptionalInt.empty());
    ServedPress press = desk.choose("demo", wish);
    assertThat(press.spec()).isEqualTo("quantized(knorm,bits=4)");
    assertThat(press.compression().press().cacheFormat()).isPresent();
    assertThat(press.ratio()).hasValue(0.5);
  }

  @Test
  void theListTriesAPressAsItIsKeptAndCallsItAsItIsNamed() {
    PressList list =
        new PressList(
            maker,
            press ->
                press.press().cacheFormat().isPresent()
                    ? Optional.empty()
                    : Optional.of("in full"));
    assertThat(list.one("adakv(snapkv)").toString())
        .contains("spec=adakv(snapkv)", "supported=true");
  }
}
