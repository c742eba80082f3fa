package dev.kvpress.compare.shape.text;

import dev.kvpress.compare.data.Document;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.data.SummaryRequest;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.ShapeCard;
import dev.kvpress.compare.shape.SummaryShape;
import dev.kvpress.compare.shape.TextShape;
import java.util.List;
import java.util.OptionalInt;

/**
 * Long reports with summaries, mostly taken for their length: text unless summaries are asked for.
 */
public final class GovReport implements TextShape, SummaryShape {
  private static final String REPORT = "report";
  private static final String SUMMARY = "summary";

  private static final ShapeCard CARD =
      ShapeCard.named("govreport")
          .tasks("perplexity", "agreement", "latency", "throughput", "ruler", "summarization")
          .needs(ColumnType.TEXT, REPORT)
          .needs(ColumnType.TEXT, SUMMARY)
          .prompt("the report")
          .metric("perplexity")
          .from("GovReport (ccdv/govreport-summarization)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Document document(Row row, int index) {
    return Documents.of(row, index, new Document.Text(row.text(REPORT)));
  }

  @Override
  public SummaryRequest summary(Row row, int index) {
    return new SummaryRequest(
        row.origin(index),
        row.nonBlank(REPORT),
        List.of(row.text(SUMMARY)),
        List.of(),
        OptionalInt.empty());
  }
}
