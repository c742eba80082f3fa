package dev.kvpress.compare.shape.summary;

import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.data.SummaryRequest;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.ShapeCard;
import dev.kvpress.compare.shape.SummaryShape;

/** News articles, each with its highlights. */
public final class CnnDailyMail implements SummaryShape {
  private static final String ARTICLE = "article";
  private static final String HIGHLIGHTS = "highlights";

  private static final ShapeCard CARD =
      ShapeCard.named("cnn-dailymail")
          .tasks("summarization")
          .needs(ColumnType.TEXT, ARTICLE)
          .needs(ColumnType.TEXT, HIGHLIGHTS)
          .prompt("the article, no instruction added")
          .metric("rouge1, rouge2, rougeL")
          .from("CNN/DailyMail (abisee/cnn_dailymail)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public SummaryRequest summary(Row row, int index) {
    return Summaries.request(row, index, ARTICLE, row.texts(HIGHLIGHTS));
  }
}
