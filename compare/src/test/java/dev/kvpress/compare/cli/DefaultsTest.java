package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Options that are defaults for presses, seen through a case. */
class DefaultsTest {
  // Norms 1, 2, 3, 4: knorm scores -1, -2, -3, -4.
  private static final String KEYS = "\"inputs\":{\"keys\":[[[[1],[2],[3],[4]]]]}}\n";

  private static String kept(String press, String... options) {
    String[] arguments = new String[options.length + 3];
    arguments[0] = "score";
    arguments[1] = "--batch";
    arguments[2] = "-";
    System.arraycopy(options, 0, arguments, 3, options.length);
    Run run = Run.withInput("{\"press\":\"" + press + "\"," + KEYS, arguments);
    assertThat(run.code()).as(run.out() + run.err()).isZero();
    return run.out().strip();
  }

  @Test
  void thresholdsOfAScorerGoBeforeTheThresholdOfEveryDms() {
    String[] options = {
      "--threshold", "-3.5", "--sliding_window_size", "0", "--thresholds", "knorm=-1.5"
    };

    assertThat(kept("dms(knorm)", options)).contains("[[[0]]]");
    assertThat(kept("dms(knorm)", "--threshold", "-3.5", "--sliding-window-size", "0"))
        .contains("[[[0,1,2]]]");
    assertThat(kept("dms(knorm,threshold=-2.5)", options)).contains("[[[0,1]]]");
  }

  @Test
  void thresholdsMayBeAJsonObject() {
    assertThat(kept("dms(knorm)", "--thresholds", "{\"knorm\":-2.5}", "--sliding-window-size", "1"))
        .contains("[[[0,1,3]]]");
  }

  @Test
  void everyParameterOfAPressIsAnOption() {
    assertThat(kept("dms(knorm)", "--dms-threshold", "-1.5", "--dms-sliding-window-size", "0"))
        .contains("[[[0]]]");
  }
}
