package dev.kvpress.compare.shape.summary;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.data.SummaryRequest;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Sampling;
import dev.kvpress.compare.shape.ShapeCard;
import dev.kvpress.compare.shape.SummaryShape;

/**
 * Texts with summaries as the H2O repository asks for them: the prompt as it goes to the model, the
 * expected summary, where to stop. How to sample is passed over: decoding is greedy here, so that
 * runs can be compared.
 */
public final class Summaries implements SummaryShape {
  private static final String ARTICLE = "article";
  private static final String SUMMARY = "summary_gt";
  private static final String STOP = "stop";
  private static final String MOST = "max_tokens";

  private static final ShapeCard CARD =
      ShapeCard.named("summaries")
          .tasks("summarization")
          .needs(ColumnType.TEXT, ARTICLE, "prompt")
          .needs(ColumnType.ANSWERS, SUMMARY, "summary", "references", "reference")
          .takes(ColumnType.ANSWERS, STOP, "stop_sequences")
          .takes(ColumnType.NUMBER, MOST, "max_new_tokens")
          .ignores(Sampling.columns())
          .prompt("the text as it stands, instructions included")
          .metric("rouge1, rouge2, rougeL")
          .from("H2O repository (summarization data), files of one's own");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public SummaryRequest summary(Row row, int index) {
    return request(row, index, ARTICLE, row.texts(SUMMARY));
  }

  /** A request with the usual columns for its end. */
  static SummaryRequest request(
      Row row, int index, String prompt, ImmutableList<String> references) {
    if (references.isEmpty()) {
      throw row.error("expected at least one summary, found none; leave the row out");
    }
    ImmutableList<String> stops = row.texts(STOP);
    if (stops.contains("")) {
      throw row.error("stop: expected texts that are not empty, found an empty one");
    }
    return new SummaryRequest(
        row.origin(index), row.nonBlank(prompt), references, stops, row.positive(MOST));
  }
}
