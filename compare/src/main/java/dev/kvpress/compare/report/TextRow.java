package dev.kvpress.compare.report;

import java.util.List;

/**
 * The context of a sample token by token as it stands in texts.jsonl, so that a report can show
 * which words were kept.
 *
 * @param task whose sample it is
 * @param data name of the data
 * @param sample index from 0 in file order
 * @param tokens text of each token, together the text of the context; a character that several
 *     tokens make stands with the last of them; ids where there is no tokenizer
 */
record TextRow(String task, String data, int sample, List<String> tokens) {
  /** Takes a copy. */
  public TextRow {
    tokens = List.copyOf(tokens);
  }
}
