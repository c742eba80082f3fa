package dev.kvpress.presses.signal;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Something a press may ask a decoder graph for. Keys and values are always there and need not be
 * asked for.
 */
public sealed interface Signal {

  /** The name under which messages and listings show the signal. */
  String label();

  /** Every query, where a window of queries is asked for. */
  int ALL = Integer.MAX_VALUE;

  /**
   * Column sums of the attention weights {@code [B, H, S]}: how much attention each cached token
   * has received from all queries since it arrived.
   */
  record AttentionSums() implements Signal {
    @Override
    public String label() {
      return "attention_sums";
    }
  }

  /**
   * Column maxima of the attention weights {@code [B, H, S]}: the most attention each cached token
   * has received from any query since it arrived.
   */
  record AttentionMaxima() implements Signal {
    @Override
    public String label() {
      return "attention_maxima";
    }
  }

  /**
   * The attention weights of the last queries {@code [B, H, W, S]}.
   *
   * @param window W, at least 1
   */
  record AttentionRows(int window) implements Signal {
    /** Checks the range. */
    public AttentionRows {
      checkArgument(window >= 1, "window of attention rows must be at least 1, found %s", window);
    }

    @Override
    public String label() {
      return "attention_rows(" + window + ")";
    }
  }

  /**
   * The whole attention matrix {@code [B, H, Q, S]}; memory grows with the square of the context.
   */
  record AttentionMatrix() implements Signal {
    @Override
    public String label() {
      return "attentions";
    }
  }

  /**
   * Queries {@code [B, H, W, D]} of the last tokens.
   *
   * @param window W, or {@link #ALL}
   * @param rotated after (true) or before the rotary embedding
   */
  record Queries(int window, boolean rotated) implements Signal {
    /** Checks the range. */
    public Queries {
      checkArgument(window >= 1, "window of queries must be at least 1, found %s", window);
    }

    @Override
    public String label() {
      return (rotated ? "queries(" : "queries_pre_rope(")
          + (window == ALL ? "all" : String.valueOf(window))
          + ")";
    }
  }

  /**
   * Mean and covariance of all queries before rotation, of each query head; accumulated while the
   * prompt passes, so that no queries need be kept. See {@link ObservedQueries}.
   *
   * @param sinks first tokens whose queries do not count
   * @param covariance whether the covariance is wanted, D · D numbers a head, beside the mean
   */
  record QueryMoments(int sinks, boolean covariance) implements Signal {
    /** Checks the range. */
    public QueryMoments {
      checkArgument(sinks >= 0, "sinks must not be negative, found %s", sinks);
    }

    @Override
    public String label() {
      return covariance ? "query_moments" : "query_mean";
    }
  }

  /** Hidden states that enter the attention of the layer, {@code [B, Q, E]}. */
  record HiddenStates() implements Signal {
    @Override
    public String label() {
      return "hidden_states";
    }
  }

  /** The output projection of the attention, {@code [E, H*D]}; a constant of the model. */
  record OutputProjection() implements Signal {
    @Override
    public String label() {
      return "output_projection";
    }
  }

  /** The parameters of the rotary embedding; constants of the model. */
  record Rotary() implements Signal {
    @Override
    public String label() {
      return "rotary";
    }
  }

  /**
   * A tensor trained for the model beside its own weights, one for each layer (Q-filters, the
   * weights of a surrogate); read from a file, not emitted by the graph.
   *
   * @param name what the tensor is called, for instance {@code q_filters}
   */
  record Auxiliary(String name) implements Signal {
    @Override
    public String label() {
      return name;
    }
  }

  /**
   * The smallest set which serves all: of windows the largest, of everything else one.
   *
   * @param requests what several presses need
   */
  static Set<Signal> union(Collection<? extends Set<Signal>> requests) {
    int rows = 0;
    int rotated = 0;
    int preRope = 0;
    Set<Signal> union = new LinkedHashSet<>();
    for (Set<Signal> request : requests) {
      for (Signal signal : request) {
        if (signal instanceof AttentionRows r) {
          rows = Math.max(rows, r.window());
        } else if (signal instanceof Queries q && q.rotated()) {
          rotated = Math.max(rotated, q.window());
        } else if (signal instanceof Queries q) {
          preRope = Math.max(preRope, q.window());
        } else {
          union.add(signal);
        }
      }
    }
    if (rows > 0) {
      union.add(new AttentionRows(rows));
    }
    if (rotated > 0) {
      union.add(new Queries(rotated, true));
    }
    if (preRope > 0) {
      union.add(new Queries(preRope, false));
    }
    return union;
  }

  /** The window of attention rows in a set, 0 if none is asked for. */
  static int rowWindow(Set<Signal> signals) {
    int rows = 0;
    for (Signal signal : signals) {
      if (signal instanceof AttentionRows r) {
        rows = Math.max(rows, r.window());
      }
    }
    return rows;
  }
}
