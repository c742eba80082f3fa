package dev.kvpress.compare.shape.summary;

import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.data.SummaryRequest;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.ShapeCard;
import dev.kvpress.compare.shape.SummaryShape;

/** Data sets of a text and its summary, two columns that each calls by names of its own. */
public final class PlainSummaries implements SummaryShape {
  private final ShapeCard card;
  private final String text;
  private final String summary;

  private PlainSummaries(String name, String text, String summary, String source) {
    this.text = text;
    this.summary = summary;
    this.card =
        ShapeCard.named(name)
            .tasks("summarization")
            .needs(ColumnType.TEXT, text)
            .needs(ColumnType.TEXT, summary)
            .prompt("the " + text + ", no instruction added")
            .metric("rouge1, rouge2, rougeL")
            .from(source);
  }

  /** BBC articles, each with a sentence that sums it up. */
  public static PlainSummaries xsum() {
    return new PlainSummaries("xsum", "document", "summary", "XSum (EdinburghNLP/xsum)");
  }

  /** News articles, each with its highlights. */
  public static PlainSummaries cnnDailyMail() {
    return new PlainSummaries(
        "cnn-dailymail", "article", "highlights", "CNN/DailyMail (abisee/cnn_dailymail)");
  }

  @Override
  public ShapeCard card() {
    return card;
  }

  @Override
  public SummaryRequest summary(Row row, int index) {
    return Summaries.request(row, index, text, row.texts(summary));
  }
}
