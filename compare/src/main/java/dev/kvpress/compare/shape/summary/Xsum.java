package dev.kvpress.compare.shape.summary;

import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.data.SummaryRequest;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.ShapeCard;
import dev.kvpress.compare.shape.SummaryShape;

/** BBC articles, each with a sentence that sums it up. */
public final class Xsum implements SummaryShape {
  private static final String DOCUMENT = "document";
  private static final String SUMMARY = "summary";

  private static final ShapeCard CARD =
      ShapeCard.named("xsum")
          .tasks("summarization")
          .needs(ColumnType.TEXT, DOCUMENT)
          .needs(ColumnType.TEXT, SUMMARY)
          .prompt("the document, no instruction added")
          .metric("rouge1, rouge2, rougeL")
          .from("XSum (EdinburghNLP/xsum)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public SummaryRequest summary(Row row, int index) {
    return Summaries.request(row, index, DOCUMENT, row.texts(SUMMARY));
  }
}
