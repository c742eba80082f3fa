package dev.kvpress.runtime.text.sentencepiece;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Turns ids back into a text, one after the other. */
public final class PieceDecoder {
  private static final String MARK = new String(Normalizer.SPACE_MARK, StandardCharsets.UTF_8);

  private final SentencePieceModel model;
  private final boolean trimsFront;
  private final StringBuilder text = new StringBuilder();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private boolean front = true;
  private boolean trimmed;

  PieceDecoder(SentencePieceModel model, boolean trimsFront) {
    this.model = model;
    this.trimsFront = trimsFront;
  }

  /** One more id of the model. */
  public PieceDecoder append(int id) {
    if (model.isByte(id)) {
      bytes.write(model.byteOf(id));
      return this;
    }
    flush();
    front &= !trimmed && text.isEmpty();
    trimmed = false;
    text.append(surface(id));
    return this;
  }

  /** A text that is no piece, as it stands. */
  public PieceDecoder append(String other) {
    flush();
    text.append(other);
    return this;
  }

  private String surface(int id) {
    if (model.isControl(id)) {
      return "";
    }
    if (id == model.unknownId()) {
      return model.unknownSurface();
    }
    String piece = model.piece(id);
    if (front && trimsFront && piece.startsWith(MARK)) {
      piece = piece.substring(MARK.length());
      // A model that trims white space has nothing but white space before its first word.
      trimmed = !model.removesExtraSpaces();
    }
    return piece.replace(MARK, " ");
  }

  /** Byte pieces become characters; a byte that is part of none becomes U+FFFD. */
  private void flush() {
    byte[] run = bytes.toByteArray();
    bytes.reset();
    for (int at = 0; at < run.length; ) {
      int length = Utf8.wellFormedLength(run, at);
      if (length == 0) {
        text.append('\uFFFD');
        at++;
      } else {
        text.append(new String(run, at, length, StandardCharsets.UTF_8));
        at += length;
      }
    }
  }

  /** The text so far. */
  public String text() {
    flush();
    return text.toString();
  }
}
