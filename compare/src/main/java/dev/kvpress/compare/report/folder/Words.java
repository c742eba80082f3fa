package dev.kvpress.compare.report.folder;

import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import java.math.BigDecimal;
import java.util.Locale;

/** Figures as people read them. */
public final class Words {
  private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
  private static final int DIGITS = 4;

  private Words() {}

  /** Four significant digits, without an exponent where that is short enough. */
  public static String number(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return value == 0 ? "0" : String.valueOf(value);
    }
    int before = (int) Math.floor(Math.log10(Math.abs(value))) + 1;
    if (before > DIGITS + 3 || before < -DIGITS) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    return String.format(
        Locale.ROOT, "%." + Math.max(0, DIGITS - Math.max(before, 0)) + "f", value);
  }

  /** All digits of a number that was asked for, without an exponent. */
  public static String plain(double value) {
    return Double.isFinite(value)
        ? new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString()
        : String.valueOf(value);
  }

  /** The same as {@link #number} with its sign, a true minus; 0 has none. */
  public static String signed(double value) {
    if (value == 0) {
      return "0";
    }
    String text = number(Math.abs(value));
    return (value < 0 ? "−" : "+") + text;
  }

  /** Bytes in the unit that suits. */
  public static String bytes(double bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, BYTE_UNITS[unit]);
  }

  /** A task and its data. */
  public static String topic(Topic topic) {
    return topic.task().replace('_', ' ') + " over " + topic.data();
  }
}
