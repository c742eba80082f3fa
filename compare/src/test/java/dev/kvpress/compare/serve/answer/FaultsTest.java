package dev.kvpress.compare.serve.answer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.generate.BusyException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients are told of faults. */
class FaultsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/home/me/models/demo/x.safetensors: cut off | x.safetensors: cut off",
        "cannot read '/srv/a b/c.bin'                | cannot read 'a b/c.bin'",
        "C:\\Users\\me\\model.onnx is no graph       | model.onnx is no graph",
        "3/4 of org/name stay                        | 3/4 of org/name stay",
        "see http://host/path/name                   | see http://host/path/name",
      })
  void placesOfFilesAreNotTold(String message, String told) {
    assertThat(Faults.plain(new ModelException(message))).isEqualTo(told);
    assertThat(Faults.of(new ModelException(message)).getMessage()).isEqualTo(told);
  }

  @Test
  void faultsOfTheProgramAreANumber() {
    ApiException told = Faults.of(new IllegalStateException("secret at dev.kvpress.Inner"));
    assertThat(told.status()).isEqualTo(500);
    assertThat(told.getMessage()).doesNotContain("secret").containsPattern("under [0-9a-f]{8}$");
    ApiException engine =
        Faults.of(new ModelException("ONNX Runtime failed in a pass", new OrtException("broken")));
    assertThat(engine.status()).isEqualTo(500);
  }

  @Test
  void whatTheCallerHasDoneIsHis() {
    assertThat(Faults.of(new BusyException(3)).status()).isEqualTo(429);
    assertThat(Faults.of(new BusyException(3)).retryAfterSeconds()).hasValue(1);
    assertThat(Faults.of(new IllegalArgumentException("no")).status()).isEqualTo(400);
    assertThat(Faults.of(new IllegalArgumentException("beyond the 9 positions")).code())
        .isEqualTo("context_length_exceeded");
  }
}
