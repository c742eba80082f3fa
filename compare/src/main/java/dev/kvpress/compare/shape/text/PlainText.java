package dev.kvpress.compare.shape.text;

import dev.kvpress.compare.data.Document;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.ShapeCard;
import dev.kvpress.compare.shape.TextShape;

/** One document a row; also the pieces of a text file. */
public final class PlainText implements TextShape {
  /** The column of the text. */
  public static final String TEXT = "text";

  private static final ShapeCard CARD =
      ShapeCard.named("text")
          .tasks(TextTasks.all())
          .needs(ColumnType.TEXT, TEXT, "content", "prompt", "article", "report", "document")
          .takes(ColumnType.NUMBER, Documents.CONTEXT_TOKENS)
          .ignores("title", "url", "source", "date", "timestamp", "author", "meta", "metadata")
          .ignores("language", "lang", "domain", "subset", "dump", "file_path")
          .ignores("short_book_title", "publication_date", "added", "created", "warc_path")
          .prompt("the text")
          .metric("perplexity")
          .from("text files, C4, Wikipedia, PG-19, WikiText and their like");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Document document(Row row, int index) {
    return Documents.of(row, index, new Document.Text(row.text(TEXT)));
  }
}
