package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.ModelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** How much longer a normalizer can make a text: replacements multiply. */
final class Growth {
  /** Published normalizers make a space a mark of three bytes. */
  private static final double MOST = 1024;

  private Growth() {}

  static void check(JsonNode normalizer, Path file) {
    double factor = factor(normalizer);
    if (factor > MOST) {
      throw new ModelException(
          "%s: normalizer: its replacements can make a text %.3g times as long; expected at most %.0f"
              .formatted(file, factor, MOST));
    }
  }

  private static double factor(JsonNode part) {
    double factor = 1;
    if (part.path("content").isTextual()) {
      // One byte at least is replaced; with an empty pattern the content stands beside each byte.
      int replaced = Math.max(1, bytes(part.path("pattern").path("String")));
      factor = 1 + (double) bytes(part.path("content")) / replaced;
    } else if (part.path("prepend").isTextual()) {
      factor = 1 + bytes(part.path("prepend"));
    }
    for (JsonNode member : part.path("normalizers")) {
      factor *= factor(member);
    }
    return factor;
  }

  private static int bytes(JsonNode text) {
    return text.asText().getBytes(StandardCharsets.UTF_8).length;
  }
}
