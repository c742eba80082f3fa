package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Signals as options name them: {@code attention_sums}, {@code rows:16}, {@code queries(all)}. */
final class SignalArguments {
  /** For descriptions of options. */
  static final String KNOWN =
      "attentions, attention_sums, attention_maxima, attention_rows:W, queries:W, queries_pre_rope:W, hidden_states";

  private static final String NONE = "none";
  private static final String ALL = "all";
  private static final Pattern FORM =
      Pattern.compile("([a-z_]+)(?:\\(([^)]*)\\)|:(.*))?", Pattern.DOTALL);

  private enum Window {
    NONE,
    NEEDED,
    /** All queries where it is left out. */
    OPTIONAL
  }

  private enum Kind {
    ATTENTIONS("attentions", Window.NONE, (tap, w) -> tap.withFullAttention()),
    SUMS("attention_sums", Window.NONE, (tap, w) -> tap.withColumnSums()),
    MAXIMA("attention_maxima", Window.NONE, (tap, w) -> tap.withColumnMaxima()),
    ROWS("attention_rows", Window.NEEDED, TapRequest::withLastRows),
    QUERIES("queries", Window.OPTIONAL, TapRequest::withQueries),
    QUERIES_PRE_ROPE("queries_pre_rope", Window.OPTIONAL, TapRequest::withQueriesPreRope),
    HIDDEN_STATES("hidden_states", Window.NONE, (tap, w) -> tap.withHiddenStates());

    private final String name;
    private final Window window;
    private final BiFunction<TapRequest, Integer, TapRequest> add;

    Kind(String name, Window window, BiFunction<TapRequest, Integer, TapRequest> add) {
      this.name = name;
      this.window = window;
      this.add = add;
    }

    static Optional<Kind> of(String text) {
      String full = text.equals("sums") || text.equals("rows") ? "attention_" + text : text;
      return Arrays.stream(values()).filter(kind -> kind.name.equals(full)).findFirst();
    }
  }

  private SignalArguments() {}

  /** Reads a list; what is wrong goes to the problems. */
  static TapRequest read(List<String> values, Problems problems) {
    TapRequest tap = TapRequest.NONE;
    List<String> names = Arguments.split(values);
    if (names.size() > 1 && names.stream().anyMatch(NONE::equalsIgnoreCase)) {
      problems.add(
          "--signals: expected none alone or the signals to add, found "
              + String.join(", ", names));
    }
    for (String value : names) {
      tap = with(tap, value.toLowerCase(Locale.ROOT).replace('-', '_'), problems);
    }
    return tap;
  }

  private static TapRequest with(TapRequest tap, String text, Problems problems) {
    if (text.equals(NONE)) {
      return tap;
    }
    Matcher form = FORM.matcher(text);
    Optional<Kind> kind = form.matches() ? Kind.of(form.group(1)) : Optional.empty();
    if (kind.isEmpty()) {
      List<String> names = new ArrayList<>(List.of(NONE));
      Arrays.stream(Kind.values()).forEach(known -> names.add(known.name));
      String name = form.matches() ? form.group(1) : text;
      problems.add("--signals: " + PressCatalog.unknown("signal", name, names).getMessage());
      return tap;
    }
    String size = form.group(2) == null ? form.group(3) : form.group(2);
    int window = window(kind.get(), size);
    if (window > 0) {
      return kind.get().add.apply(tap, window);
    }
    problems.add("--signals: expected %s, found '%s'".formatted(expected(kind.get()), text));
    return tap;
  }

  /** 0 where the size is not as the kind wants it. */
  private static int window(Kind kind, @Nullable String size) {
    if (size == null) {
      return kind.window == Window.NEEDED ? 0 : TapRequest.ALL;
    }
    if (kind.window == Window.OPTIONAL && size.equals(ALL)) {
      return TapRequest.ALL;
    }
    return kind.window != Window.NONE && size.matches("\\d{1,9}") ? Integer.parseInt(size) : 0;
  }

  private static String expected(Kind kind) {
    return switch (kind.window) {
      case NONE -> kind.name + " alone";
      case NEEDED -> "%s:W with a number W of last queries of at least 1".formatted(kind.name);
      case OPTIONAL ->
          "%1$s:W with a number W of last queries of at least 1, or %1$s:all".formatted(kind.name);
    };
  }
}
