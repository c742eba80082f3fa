package dev.kvpress.runtime.generate;

import dev.kvpress.runtime.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;

/** A text cut at any bytes: each slice is a token, by its number. */
final class SlicedText implements Tokenizer {
  private final byte[][] slices;

  /** Cuts a text into slices of 1 to {@code longest} bytes. */
  SlicedText(String text, int longest, Random random) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    byte[][] cut = new byte[utf8.length][];
    int count = 0;
    for (int from = 0, to; from < utf8.length; from = to) {
      to = Math.min(utf8.length, from + 1 + random.nextInt(longest));
      cut[count++] = Arrays.copyOfRange(utf8, from, to);
    }
    slices = Arrays.copyOf(cut, count);
  }

  @Override
  public String decode(int[] ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      bytes.writeBytes(slices[id]);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** No token has a space that it loses, so none is needed before it. */
  @Override
  public int[] encodeFragment(String text) {
    return new int[0];
  }

  @Override
  public int[] encode(String text) {
    throw new UnsupportedOperationException();
  }

  @Override
  public OptionalInt bosId() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt eosId() {
    return OptionalInt.empty();
  }

  @Override
  public boolean endsText(int id) {
    return false;
  }

  @Override
  public int vocabularySize() {
    return slices.length;
  }

  @Override
  public String describe() {
    return "slices";
  }
}
