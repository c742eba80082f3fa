package dev.kvpress.runtime.text.sentencepiece;

import dev.kvpress.runtime.text.sentencepiece.proto.ModelProto.SentencePiece.Type;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Byte-pair encoding by scores: characters, then the adjacent pair that makes the piece of the
 * highest score is joined (the leftmost on a tie) until no pair makes a piece. User-defined pieces
 * are found first and never joined; a piece that is not used is cut again where it was joined.
 */
final class BpeSegmenter implements Segmenter {
  private static final int NONE = -1;

  private final Pieces pieces;

  BpeSegmenter(Pieces pieces) {
    this.pieces = pieces;
  }

  @Override
  public Segments segment(byte[] text) {
    return new Run(text).segments();
  }

  /** Two neighbours that make a piece; void once either has changed, which its length shows. */
  private record Pair(float score, int left, int right, int length) {
    static final Comparator<Pair> ORDER =
        Comparator.comparingDouble((Pair pair) -> -(double) pair.score)
            .thenComparingInt(pair -> pair.left);
  }

  private final class Run {
    private final byte[] text;
    private final int[] begin;
    private final int[] end;
    private final int[] previous;
    private final int[] next;
    private final boolean[] frozen;
    private final PriorityQueue<Pair> agenda = new PriorityQueue<>(Pair.ORDER);
    private final Map<String, Integer> joints = new HashMap<>();

    Run(byte[] text) {
      this.text = text;
      int[] begins = new int[text.length];
      boolean[] found = new boolean[text.length];
      int count = 0;
      for (int at = 0; at < text.length; count++) {
        begins[count] = at;
        int length = pieces.userDefined().longestPrefix(text, at);
        found[count] = length > 0;
        at += length > 0 ? length : Utf8.length(text, at);
      }
      begin = Arrays.copyOf(begins, count);
      frozen = found;
      end = new int[count];
      previous = new int[count];
      next = new int[count];
      for (int i = 0; i < count; i++) {
        boolean last = i + 1 == count;
        end[i] = last ? text.length : begin[i + 1];
        previous[i] = i - 1;
        next[i] = last ? NONE : i + 1;
      }
    }

    Segments segments() {
      for (int i = 1; i < begin.length; i++) {
        offer(i - 1, i);
      }
      while (!agenda.isEmpty()) {
        Pair pair = agenda.remove();
        int left = pair.left;
        int right = pair.right;
        boolean stands =
            length(left) > 0 && length(right) > 0 && length(left) + length(right) == pair.length;
        if (stands) {
          end[left] = end[right];
          begin[right] = end[right];
          next[left] = next[right];
          if (next[left] != NONE) {
            previous[next[left]] = left;
          }
          offer(previous[left], left);
          offer(left, next[left]);
        }
      }
      Segments segments = new Segments();
      for (int i = 0; i != NONE; i = next[i]) {
        cut(begin[i], end[i], segments);
      }
      return segments;
    }

    private int length(int symbol) {
      return end[symbol] - begin[symbol];
    }

    private void offer(int left, int right) {
      if (left == NONE || right == NONE || frozen[left] || frozen[right]) {
        return;
      }
      int length = length(left) + length(right);
      if (length > pieces.longest()) {
        return;
      }
      String key = Pieces.key(text, begin[left], end[right]);
      int id = pieces.inText(key);
      if (id == Pieces.NONE) {
        return;
      }
      agenda.add(new Pair(pieces.score(id), left, right, length));
      if (pieces.type(id) == Type.UNUSED) {
        joints.put(key, length(left));
      }
    }

    private void cut(int from, int to, Segments segments) {
      String key = Pieces.key(text, from, to);
      int id = pieces.id(key);
      Integer joint = pieces.type(id) == Type.UNUSED ? joints.get(key) : null;
      if (joint == null) {
        segments.add(to, id);
      } else {
        cut(from, from + joint, segments);
        cut(from + joint, to, segments);
      }
    }
  }
}
