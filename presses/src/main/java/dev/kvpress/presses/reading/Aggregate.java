package dev.kvpress.presses.reading;

import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.Locale;

/** How several numbers become one. */
enum Aggregate {
  MEAN,
  MAX;

  static Aggregate of(PressArguments arguments, Parameter parameter) {
    String text = arguments.text(parameter.name()).orElse("");
    for (Aggregate one : values()) {
      if (one.name().toLowerCase(Locale.ROOT).equals(text)) {
        return one;
      }
    }
    throw new PressSpecException(
        "%s: %s must be mean or max, found '%s'"
            .formatted(arguments.name(), parameter.name(), text));
  }

  /** Of the same place of several rows, {@code [rows][n]}. */
  double[] of(double[][] rows) {
    double[] whole = rows[0].clone();
    for (int i = 1; i < rows.length; i++) {
      for (int j = 0; j < whole.length; j++) {
        whole[j] = this == MAX ? Math.max(whole[j], rows[i][j]) : whole[j] + rows[i][j];
      }
    }
    for (int j = 0; this == MEAN && j < whole.length; j++) {
      whole[j] /= rows.length;
    }
    return whole;
  }
}
