package dev.kvpress.compare.shape.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.data.Document;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.ShapeCard;
import dev.kvpress.compare.shape.TextShape;

/** One document a row, as the ids that go into the model; a row without them may have a text. */
public final class TokenIds implements TextShape {
  private static final String IDS = "token_ids";

  private static final ShapeCard CARD =
      ShapeCard.named("token-ids")
          .tasks("perplexity", "agreement", "latency", "throughput")
          .needs(ColumnType.NUMBERS, IDS, "input_ids")
          .takes(ColumnType.NUMBER, Documents.CONTEXT_TOKENS)
          .takes(ColumnType.TEXT, PlainText.TEXT)
          .prompt("the ids, nothing added")
          .metric("perplexity")
          .from("token ids of one's own");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Document document(Row row, int index) {
    if (!row.has(IDS) && row.has(PlainText.TEXT)) {
      return Documents.of(row, index, new Document.Text(row.text(PlainText.TEXT)));
    }
    JsonNode ids = row.required(IDS);
    if (!ids.isArray()) {
      throw row.wrong(IDS, "a list of integers", ids);
    }
    ImmutableIntArray.Builder builder = ImmutableIntArray.builder(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      JsonNode id = ids.get(i);
      if (!id.isInt() || id.intValue() < 0) {
        throw row.wrong(IDS + "[" + i + "]", "an integer of 0 or more", id);
      }
      builder.add(id.intValue());
    }
    return Documents.of(row, index, new Document.TokenIds(builder.build()));
  }
}
