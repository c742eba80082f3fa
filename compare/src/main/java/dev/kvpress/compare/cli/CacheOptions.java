package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.CellPlan.Method;
import dev.kvpress.presses.CacheFormat;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In how many bits caches are kept, whatever the press. */
final class CacheOptions {
  private static final String BITS = "--kv-bits";
  private static final String GROUP = "--kv-group-size";
  private static final String RESIDUAL = "--kv-residual-length";

  @Option(
      names = BITS,
      paramLabel = "BITS",
      description =
          "Keep caches in 8, 4 or 2 bits (compare: one or several; every method runs with each, beside its cache in full).")
  List<String> bits = new ArrayList<>();

  @Option(
      names = GROUP,
      paramLabel = "COUNT",
      description =
          "Tokens of a key channel, and channels of a value, that share a scale with --kv-bits (default: "
              + CacheFormat.DEFAULT_GROUP
              + ").")
  @Nullable String groupSize;

  @Option(
      names = RESIDUAL,
      paramLabel = "TOKENS",
      description =
          "Most recent tokens that --kv-bits leaves in full (default: "
              + CacheFormat.DEFAULT_RESIDUAL
              + ").")
  @Nullable String residualLength;

  /** The formats, in the order in which they were typed. */
  List<CacheFormat> formats(Problems problems) {
    Values values = new Values(problems);
    Set<Integer> chosen = new LinkedHashSet<>();
    for (String text : Arguments.split(bits)) {
      values.choice(BITS, text, Map.of("8", 8, "4", 4, "2", 2)).ifPresent(chosen::add);
    }
    if (bits.isEmpty() && (groupSize != null || residualLength != null)) {
      problems.add(
          "%s: expected %s with it, found none; give for instance %s 4"
              .formatted(groupSize != null ? GROUP : RESIDUAL, BITS, BITS));
    }
    int group = group(values, problems);
    int residual = values.integer(RESIDUAL, residualLength, 0).orElse(CacheFormat.DEFAULT_RESIDUAL);
    List<CacheFormat> formats = new ArrayList<>();
    for (int each : chosen) {
      problems.attempt(() -> new CacheFormat(each, group, residual)).ifPresent(formats::add);
    }
    return formats;
  }

  private int group(Values values, Problems problems) {
    int group = values.integer(GROUP, groupSize, 1).orElse(CacheFormat.DEFAULT_GROUP);
    if (group > CacheFormat.LARGEST_GROUP) {
      problems.add(
          "%s: expected a whole number of at most %d, found %d"
              .formatted(GROUP, CacheFormat.LARGEST_GROUP, group));
      return CacheFormat.DEFAULT_GROUP;
    }
    return group;
  }

  /** The one format of a command that keeps one cache. */
  Optional<CacheFormat> format(Problems problems) {
    List<CacheFormat> formats = formats(problems);
    if (formats.size() > 1) {
      problems.add("%s: expected one of 8, 4 and 2, found %s".formatted(BITS, bits));
    }
    return formats.stream().findFirst();
  }

  /**
   * Methods, and behind each the same with its cache in every format; methods that come with a
   * format of their own once.
   *
   * @param notices takes remarks on these
   */
  static List<Method> withFormats(
      List<Method> methods, List<CacheFormat> formats, Methods maker, Consumer<String> notices) {
    List<Method> all = new ArrayList<>();
    for (Method method : methods) {
      all.add(method);
      Optional<CacheFormat> own = method.press().press().cacheFormat();
      if (own.isPresent() && !formats.isEmpty()) {
        notices.accept(
            "%s: '%s' has a format of its own, %s, and runs once, in that"
                .formatted(BITS, method.typed(), own.get().describe()));
      }
      if (own.isEmpty()) {
        for (CacheFormat format : formats) {
          in(method, format, maker).ifPresent(all::add);
        }
      }
    }
    return all;
  }

  /** The method with its cache in a format, named as one would type it. */
  static Optional<Method> in(Method method, CacheFormat format, Methods maker) {
    return maker
        .make(BITS, around(method.press().spec().toString(), format))
        .map(made -> new Method(around(method.typed(), format), made.press()));
  }

  /** The spec of a press with its cache in a format. */
  static String around(String spec, CacheFormat format) {
    return "quantized(%s,%s)".formatted(spec, settings(format));
  }

  private static String settings(CacheFormat format) {
    String text = "bits=" + format.bits();
    if (format.group() != CacheFormat.DEFAULT_GROUP) {
      text += ",group_size=" + format.group();
    }
    if (format.residual() != CacheFormat.DEFAULT_RESIDUAL) {
      text += ",residual_length=" + format.residual();
    }
    return text;
  }
}
