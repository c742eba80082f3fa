package dev.kvpress.runtime.text;

import com.fasterxml.jackson.core.JsonParser;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Path;

/** Says where in a JSON file something else was expected. */
final class Places {
  private static final int LONGEST_QUOTE = 60;

  private Places() {}

  static ModelException unexpected(Path file, JsonParser in, String expected) throws IOException {
    String found = in.currentToken() == null ? "the end of the file" : in.getText();
    return new ModelException(
        file
            + ": line "
            + in.currentTokenLocation().getLineNr()
            + " column "
            + in.currentTokenLocation().getColumnNr()
            + ": expected "
            + expected
            + ", found "
            + (found.length() > LONGEST_QUOTE ? found.substring(0, LONGEST_QUOTE) + "…" : found));
  }
}
