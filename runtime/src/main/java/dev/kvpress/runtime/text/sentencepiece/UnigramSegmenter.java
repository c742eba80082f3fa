package dev.kvpress.runtime.text.sentencepiece;

import dev.kvpress.runtime.text.sentencepiece.proto.ModelProto.SentencePiece.Type;
import java.util.Arrays;

/**
 * The segmentation whose pieces have the highest sum of scores, found from left to right: the best
 * way to each byte goes over the best way to where its last piece begins.
 *
 * <p>Sums are kept in float and compared in double, as the library does, since near ties decide.
 */
final class UnigramSegmenter implements Segmenter {
  private static final float UNKNOWN_PENALTY = 10;
  private static final double USER_DEFINED_SCORE = -0.1;
  private static final int UNREACHED = -1;

  private final Pieces pieces;
  private final PieceTrie trie = new PieceTrie();
  private final float unknownScore;

  UnigramSegmenter(Pieces pieces) {
    this.pieces = pieces;
    float lowest = Float.MAX_VALUE;
    for (int id = 0; id < pieces.size(); id++) {
      switch (pieces.type(id)) {
        case NORMAL -> {
          trie.add(pieces.bytes(id), id);
          lowest = Math.min(lowest, pieces.score(id));
        }
        case USER_DEFINED -> trie.add(pieces.bytes(id), id);
        case UNUSED, UNKNOWN, CONTROL, BYTE -> {}
      }
    }
    this.unknownScore = lowest - UNKNOWN_PENALTY;
  }

  @Override
  public Segments segment(byte[] text) {
    float[] best = new float[text.length + 1];
    int[] begins = new int[text.length + 1];
    int[] ids = new int[text.length + 1];
    Arrays.fill(begins, UNREACHED);
    for (int from = 0; from < text.length; ) {
      int character = Utf8.length(text, from);
      boolean known = false;
      int node = PieceTrie.ROOT;
      for (int at = from; at < text.length; ) {
        node = trie.child(node, text[at++]);
        if (node == PieceTrie.NONE) {
          break;
        }
        int id = trie.id(node);
        if (id != PieceTrie.NONE) {
          known |= at - from == character;
          double score =
              pieces.type(id) == Type.USER_DEFINED ? USER_DEFINED_SCORE : pieces.score(id);
          offer(best, begins, ids, from, at, id, score + best[from]);
        }
      }
      if (!known) {
        offer(
            best, begins, ids, from, from + character, pieces.unknown(), unknownScore + best[from]);
      }
      from += character;
    }
    return backwards(begins, ids);
  }

  private static void offer(
      float[] best, int[] begins, int[] ids, int from, int to, int id, double score) {
    if (begins[to] == UNREACHED || score > best[to]) {
      best[to] = (float) score;
      begins[to] = from;
      ids[to] = id;
    }
  }

  private static Segments backwards(int[] begins, int[] ids) {
    int[] ends = new int[begins.length];
    int count = 0;
    for (int end = begins.length - 1; end > 0; end = begins[end]) {
      ends[count++] = end;
    }
    Segments segments = new Segments();
    while (--count >= 0) {
      segments.add(ends[count], ids[ends[count]]);
    }
    return segments;
  }
}
