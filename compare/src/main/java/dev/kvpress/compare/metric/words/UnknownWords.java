package dev.kvpress.compare.metric.words;

import com.google.common.base.Splitter;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts Chinese characters into words that no dictionary has, by a hidden Markov model: each
 * character begins a word, ends one, stands within or alone, and the most likely row of these
 * states is found (Viterbi). Start and transition probabilities are jieba's; those of characters
 * come with the library.
 */
final class UnknownWords {
  private static final String FILE = "prob_emit.txt";
  private static final double IMPOSSIBLE = -3.14e100;
  private static final Pattern HAN = Pattern.compile("[\u4e00-\u9fd5]+");
  private static final Pattern LATIN = Pattern.compile("[a-zA-Z0-9]+(?:\\.\\p{Nd}+)?%?");
  private static final Splitter TAB = Splitter.on('\t');

  /** Where a character may stand, in alphabetical order, by which jieba decides between equals. */
  private enum State {
    BEGIN("B", -0.26268660809250016),
    END("E", IMPOSSIBLE),
    MIDDLE("M", IMPOSSIBLE),
    SINGLE("S", -1.4652633398537678);

    private final String name;
    private final double start;

    State(String name, double start) {
      this.name = name;
      this.start = start;
    }
  }

  /** Logarithms of the probability that the state of a column follows that of a row. */
  private static final double[][] FOLLOWS = {
    {IMPOSSIBLE, -0.510825623765990, -0.916290731874155, IMPOSSIBLE},
    {-0.5897149736854513, IMPOSSIBLE, IMPOSSIBLE, -0.8085250474669937},
    {IMPOSSIBLE, -0.33344856811948514, -1.2603623820268226, IMPOSSIBLE},
    {-0.7211965654669841, IMPOSSIBLE, IMPOSSIBLE, -0.6658631448798212},
  };

  private static final State[] STATES = State.values();

  private static final class Holder {
    private static final Map<State, Map<Character, Double>> EMITS = read();
  }

  private UnknownWords() {}

  static List<String> cut(String text) {
    List<String> words = new ArrayList<>();
    Matcher runs = HAN.matcher(text);
    int end = 0;
    while (runs.find()) {
      between(text.substring(end, runs.start()), words);
      han(runs.group(), words);
      end = runs.end();
    }
    between(text.substring(end), words);
    return words;
  }

  /** Latin words and numbers stay whole, and so does what is between them. */
  private static void between(String text, List<String> words) {
    Matcher latin = LATIN.matcher(text);
    int end = 0;
    while (latin.find()) {
      if (latin.start() > end) {
        words.add(text.substring(end, latin.start()));
      }
      words.add(latin.group());
      end = latin.end();
    }
    if (end < text.length()) {
      words.add(text.substring(end));
    }
  }

  private static void han(String run, List<String> words) {
    State[] states = likeliest(run);
    int from = 0;
    for (int i = 0; i < run.length(); i++) {
      if (states[i] == State.BEGIN) {
        from = i;
      } else if (states[i] != State.MIDDLE) {
        words.add(run.substring(states[i] == State.SINGLE ? i : from, i + 1));
        from = i + 1;
      }
    }
    if (from < run.length()) {
      words.add(run.substring(from));
    }
  }

  private static State[] likeliest(String run) {
    int length = run.length();
    int[][] before = new int[length][STATES.length];
    double[] logs = new double[STATES.length];
    for (State state : STATES) {
      logs[state.ordinal()] = state.start + emits(state, run.charAt(0));
    }
    for (int i = 1; i < length; i++) {
      double[] next = new double[STATES.length];
      for (State state : STATES) {
        int to = state.ordinal();
        double emitted = emits(state, run.charAt(i));
        double best = Double.NEGATIVE_INFINITY;
        for (int from = 0; from < STATES.length; from++) {
          double log = logs[from] + FOLLOWS[from][to] + emitted;
          if (FOLLOWS[from][to] != IMPOSSIBLE && log >= best) {
            best = log;
            before[i][to] = from;
          }
        }
        next[to] = best;
      }
      logs = next;
    }
    State[] states = new State[length];
    int state =
        logs[State.SINGLE.ordinal()] >= logs[State.END.ordinal()]
            ? State.SINGLE.ordinal()
            : State.END.ordinal();
    for (int i = length - 1; i >= 0; i--) {
      states[i] = STATES[state];
      state = before[i][state];
    }
    return states;
  }

  private static double emits(State state, char character) {
    return Holder.EMITS.getOrDefault(state, Map.of()).getOrDefault(character, IMPOSSIBLE);
  }

  /** A state on a line of its own, then its characters with the logarithm of their probability. */
  private static Map<State, Map<Character, Double>> read() {
    Map<State, Map<Character, Double>> emits = new HashMap<>();
    try {
      Map<Character, Double> own = new HashMap<>();
      for (String line : Resources.readLines(Resources.getResource(FILE), StandardCharsets.UTF_8)) {
        List<String> parts = TAB.splitToList(line);
        if (parts.size() == 1) {
          own = new HashMap<>();
          emits.put(named(line.strip()), own);
        } else {
          own.put(parts.get(0).charAt(0), Double.parseDouble(parts.get(1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the model of unknown words " + FILE, e);
    }
    return emits;
  }

  private static State named(String name) {
    for (State state : STATES) {
      if (state.name.equals(name)) {
        return state;
      }
    }
    throw new IllegalStateException(FILE + ": expected one of B, E, M, S, found '" + name + "'");
  }
}
