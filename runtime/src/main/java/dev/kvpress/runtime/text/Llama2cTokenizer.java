package dev.kvpress.runtime.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.PrimitiveIterator;
import java.util.PriorityQueue;

/**
 * Byte-pair encoding with scores as llama2.c does it: a leading space, each character as its piece
 * or else as its bytes, then the adjacent pair that makes the piece of the highest score is joined
 * (the leftmost on a tie) until no pair makes a piece.
 *
 * <p>The pairs wait in a heap, so n characters take O(n log n) and not O(n²).
 */
final class Llama2cTokenizer implements Tokenizer {
  static final int BOS = 1;
  static final int EOS = 2;
  static final int FIRST_BYTE = 3;

  private static final int JOINED = -1;

  private final Llama2cVocabulary vocabulary;
  private final TokenReach reach;

  Llama2cTokenizer(Llama2cVocabulary vocabulary) {
    this.vocabulary = vocabulary;
    // A piece has a byte at least for each character that it stands for.
    this.reach = TokenReach.of(vocabulary.longest(), false);
  }

  @Override
  public int[] encode(String text) {
    return withBos(encodeFragment(text));
  }

  @Override
  public int[] encodeFragment(String anyText) {
    String text = Utf16.wellFormed(anyText);
    if (text.isEmpty()) {
      return new int[0];
    }
    int[] ids = new int[1 + Math.multiplyExact(4, text.length())];
    int length = append(ids, 0, ' ');
    for (PrimitiveIterator.OfInt point = text.codePoints().iterator(); point.hasNext(); ) {
      length = append(ids, length, point.nextInt());
    }
    return join(Arrays.copyOf(ids, length));
  }

  @Override
  public long fewestTokens(String text) {
    return reach.fewestTokens(text);
  }

  private int append(int[] ids, int length, int codePoint) {
    byte[] utf8 = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
    int id = vocabulary.idOf(utf8);
    if (id >= 0) {
      ids[length] = id;
      return length + 1;
    }
    for (byte b : utf8) {
      ids[length++] = FIRST_BYTE + Byte.toUnsignedInt(b);
    }
    return length;
  }

  /** Joins in place over a linked list; a joined-in position is marked {@link #JOINED}. */
  private int[] join(int[] ids) {
    int n = ids.length;
    int[] next = new int[n];
    int[] previous = new int[n];
    // Rank above position: the smallest number is the best score and, among equals, the leftmost.
    PriorityQueue<Long> candidates = new PriorityQueue<>(Math.max(1, n));
    for (int i = 0; i < n; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      offer(candidates, ids, i, i + 1);
    }
    while (!candidates.isEmpty()) {
      long candidate = candidates.remove();
      int left = (int) candidate;
      int rank = (int) (candidate >>> 32);
      int right = next[left];
      if (ids[left] == JOINED || right >= n) {
        continue;
      }
      int joined = vocabulary.join(ids[left], ids[right]);
      // The neighbours may have changed since the pair was offered; only what stands there counts.
      if (joined < 0 || vocabulary.rank(joined) != rank) {
        continue;
      }
      ids[left] = joined;
      ids[right] = JOINED;
      next[left] = next[right];
      if (next[left] < n) {
        previous[next[left]] = left;
      }
      offer(candidates, ids, left, next[left]);
      if (previous[left] >= 0) {
        offer(candidates, ids, previous[left], left);
      }
    }
    return Arrays.stream(ids).filter(id -> id != JOINED).toArray();
  }

  private void offer(PriorityQueue<Long> candidates, int[] ids, int left, int right) {
    if (right < ids.length) {
      int joined = vocabulary.join(ids[left], ids[right]);
      if (joined >= 0) {
        candidates.add((long) vocabulary.rank(joined) << 32 | left);
      }
    }
  }

  private static int[] withBos(int[] ids) {
    int[] all = new int[ids.length + 1];
    all[0] = BOS;
    System.arraycopy(ids, 0, all, 1, ids.length);
    return all;
  }

  @Override
  public String decode(int[] ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == BOS || ids[i] == EOS || ids[i] >= vocabulary.size()) {
        continue;
      }
      byte[] piece = vocabulary.bytes(ids[i]);
      boolean dropsSpace = i > 0 && ids[i - 1] == BOS && piece.length > 0 && piece[0] == ' ';
      int from = dropsSpace ? 1 : 0;
      bytes.write(piece, from, piece.length - from);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public OptionalInt bosId() {
    return OptionalInt.of(BOS);
  }

  @Override
  public OptionalInt eosId() {
    return OptionalInt.of(EOS);
  }

  @Override
  public boolean endsText(int id) {
    // llama2.c models are trained on texts laid end to end, each opened by BOS: both end a text.
    return id == EOS || id == BOS;
  }

  @Override
  public int vocabularySize() {
    return vocabulary.size();
  }

  @Override
  public String describe() {
    return "llama2.c " + vocabulary.fileName();
  }
}
