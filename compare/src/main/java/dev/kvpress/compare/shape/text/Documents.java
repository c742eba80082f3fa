package dev.kvpress.compare.shape.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.data.Document;
import dev.kvpress.compare.data.Row;
import java.util.Optional;
import java.util.OptionalInt;

/** What all documents may say of themselves. */
final class Documents {
  static final String CONTEXT_TOKENS = "context_tokens";

  private Documents() {}

  static Document of(Row row, int index, Document.Content content) {
    Optional<JsonNode> context = row.value(CONTEXT_TOKENS);
    if (context.isPresent() && (!context.get().isInt() || context.get().intValue() < 1)) {
      throw row.wrong(CONTEXT_TOKENS, "an integer of at least 1", context.get());
    }
    return new Document(
        index,
        row.source(),
        row.line(),
        content,
        context.isPresent() ? OptionalInt.of(context.get().intValue()) : OptionalInt.empty());
  }
}
