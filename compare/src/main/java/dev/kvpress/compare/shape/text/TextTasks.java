package dev.kvpress.compare.shape.text;

/** Tasks that take any text, the usual one first. */
final class TextTasks {
  private static final String[] ALL = {"perplexity", "agreement", "latency", "throughput", "ruler"};

  private TextTasks() {}

  static String[] all() {
    return ALL.clone();
  }
}
