package dev.kvpress.compare.serve.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which pages a server takes for its own. */
class OriginTest {
  @ParameterizedTest
  @CsvSource({
    "kv.example, https://kv.example:443, true",
    "kv.example, https://KV.example, true",
    "kv.example:443, https://kv.example, true",
    "kv.example, http://kv.example:80, true",
    "kv.example, http://kv.example:443, false",
    "kv.example, https://kv.example:8443, false",
    "kv.example:8443, https://kv.example:8443, true",
    "kv.example, https://evil.example, false",
    "[::1], http://[::1]:80, true",
    "[::1]:8080, http://[::1]:8080, true",
    "[::1]:8080, http://[::1], false",
    "kv.example, null, false",
  })
  void aSchemesOwnPortMayBeLeftOut(String host, String origin, boolean own) {
    assertThat(Guard.isOwn(origin, host)).isEqualTo(own);
  }
}
