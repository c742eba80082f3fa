package dev.kvpress.recipe.bpe;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A byte-level BPE tokenizer: ids 0 and 1 are begin and end of text, then bytes, then merges. */
public final class Bpe {
  /** Id and text of the token that begins every document. */
  public static final int BOS = 0;

  /** Id of the token that ends every document. */
  public static final int EOS = 1;

  static final String BOS_TEXT = "<s>";
  static final String EOS_TEXT = "</s>";

  /** Two pieces that become one. */
  record Merge(String left, String right) implements Comparable<Merge> {
    @Override
    public int compareTo(Merge other) {
      return Comparator.comparing(Merge::left).thenComparing(Merge::right).compare(this, other);
    }
  }

  private final List<Merge> merges;
  private final Map<Merge, Integer> ranks = new HashMap<>();
  private final Map<String, Integer> ids = new LinkedHashMap<>();
  private final List<String> pieces = new ArrayList<>();
  private final Map<String, int[]> cache = new HashMap<>();

  Bpe(List<Merge> merges) {
    this.merges = List.copyOf(merges);
    put(BOS_TEXT);
    put(EOS_TEXT);
    for (char c : Pretokens.alphabet()) {
      put(String.valueOf(c));
    }
    for (Merge merge : merges) {
      ranks.put(merge, ranks.size());
      put(merge.left() + merge.right());
    }
  }

  private void put(String piece) {
    // Two merges may spell the same piece; it keeps its first id.
    if (ids.putIfAbsent(piece, pieces.size()) == null) {
      pieces.add(piece);
    }
  }

  List<Merge> merges() {
    return merges;
  }

  /** Piece to id, in the order of the ids. */
  Map<String, Integer> vocabulary() {
    return ids;
  }

  /** Number of pieces. */
  public int size() {
    return pieces.size();
  }

  /** Ids of a text, without begin and end. */
  public int[] encode(String text) {
    int[] out = new int[text.length() * 4];
    int size = 0;
    for (String piece : Pretokens.of(text)) {
      for (int id : cache.computeIfAbsent(piece, this::encodePiece)) {
        out[size++] = id;
      }
    }
    return Arrays.copyOf(out, size);
  }

  private int[] encodePiece(String piece) {
    List<String> parts = new ArrayList<>(Arrays.asList(piece.split("")));
    while (parts.size() > 1) {
      Merge best = null;
      int rank = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < parts.size(); i++) {
        Merge pair = new Merge(parts.get(i), parts.get(i + 1));
        Integer r = ranks.get(pair);
        if (r != null && r < rank) {
          rank = r;
          best = pair;
        }
      }
      if (best == null) {
        break;
      }
      join(parts, best);
    }
    return parts.stream().mapToInt(p -> ids.getOrDefault(p, -1)).toArray();
  }

  /** The text of some ids; special tokens vanish. */
  public String decode(int[] tokens) {
    Map<Character, Integer> bytes = new HashMap<>();
    char[] alphabet = Pretokens.alphabet();
    for (int b = 0; b < alphabet.length; b++) {
      bytes.put(alphabet[b], b);
    }
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    for (int token : tokens) {
      if (token != BOS && token != EOS) {
        pieces.get(token).chars().forEach(c -> out.write(bytes.getOrDefault((char) c, 0)));
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Joins every occurrence of a pair, from left to right. */
  static void join(List<String> word, Merge merge) {
    for (int i = 0; i + 1 < word.size(); i++) {
      if (word.get(i).equals(merge.left()) && word.get(i + 1).equals(merge.right())) {
        word.set(i, merge.left() + merge.right());
        word.remove(i + 1);
      }
    }
  }
}
