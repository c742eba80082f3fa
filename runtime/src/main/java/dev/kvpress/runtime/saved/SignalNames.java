package dev.kvpress.runtime.saved;

import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.ModelException;
import java.util.List;

/** Signals as texts and back. */
public final class SignalNames {
  // An account of rows takes its room before there are any, so no file may ask for what it likes.
  private static final int MOST_ROWS = 1 << 14;

  private SignalNames() {}

  /**
   * The text of a signal.
   *
   * @throws ModelException for one that cannot be named in a file
   */
  public static String of(Signal signal) {
    if (signal instanceof Signal.AttentionSums) {
      return "attention_sums";
    } else if (signal instanceof Signal.AttentionRows rows) {
      requireRows(rows.window());
      return "attention_rows:" + rows.window();
    } else if (signal instanceof Signal.AttentionMatrix) {
      return "attentions";
    } else if (signal instanceof Signal.Queries queries) {
      return "queries:" + queries.window() + ":" + queries.rotated();
    } else if (signal instanceof Signal.QueryMoments moments) {
      return "query_moments:" + moments.sinks() + ":" + moments.covariance();
    } else if (signal instanceof Signal.HiddenStates) {
      return "hidden_states";
    } else if (signal instanceof Signal.OutputProjection) {
      return "output_projection";
    } else if (signal instanceof Signal.Rotary) {
      return "rotary";
    } else if (signal instanceof Signal.Auxiliary auxiliary) {
      return "auxiliary:" + auxiliary.name();
    }
    throw new ModelException(
        "a context that observes %s cannot be saved; end observing first (stopObserving)"
            .formatted(signal.label()));
  }

  /**
   * The signal of a text.
   *
   * @throws ModelException if there is none
   */
  public static Signal read(String text) {
    List<String> parts = List.of(text.split(":", -1));
    try {
      return switch (parts.get(0) + "/" + parts.size()) {
        case "attention_sums/1" -> new Signal.AttentionSums();
        case "attention_rows/2" ->
            new Signal.AttentionRows(requireRows(Integer.parseInt(parts.get(1))));
        case "attentions/1" -> new Signal.AttentionMatrix();
        case "queries/3" -> new Signal.Queries(Integer.parseInt(parts.get(1)), flag(parts.get(2)));
        case "query_moments/3" ->
            new Signal.QueryMoments(Integer.parseInt(parts.get(1)), flag(parts.get(2)));
        case "hidden_states/1" -> new Signal.HiddenStates();
        case "output_projection/1" -> new Signal.OutputProjection();
        case "rotary/1" -> new Signal.Rotary();
        case "auxiliary/2" -> new Signal.Auxiliary(parts.get(1));
        default -> throw new IllegalArgumentException("unknown");
      };
    } catch (IllegalArgumentException e) {
      throw new ModelException(
          "signals: there is no signal %s (%s)".formatted(text, e.getMessage()), e);
    }
  }

  private static int requireRows(int window) {
    if (window > MOST_ROWS) {
      throw new ModelException(
          "attention of the last %d queries at most is kept in a file, found a window of %d"
              .formatted(MOST_ROWS, window));
    }
    return window;
  }

  private static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false: " + text);
    };
  }
}
