package dev.kvpress.runtime.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the tokenizer library does not tell of a {@code tokenizer.json}'s vocabulary.
 *
 * @param pieces number of pieces
 * @param listed whether the vocabulary is a list (Unigram), in which a piece's id is its place
 * @param taken ids that have a piece
 * @param bytes ids of the pieces that stand for one byte, {@code <0x00>} to {@code <0xFF>}
 * @param longest characters (UTF-16) of the longest piece
 * @param spellsBytes whether each of the characters that stand for bytes in byte-level vocabularies
 *     is a piece
 * @param ids ids of those of the wanted tokens that exist
 */
record Vocabulary(
    int pieces,
    boolean listed,
    BitSet taken,
    BitSet bytes,
    int longest,
    boolean spellsBytes,
    Map<String, Integer> ids) {
  /** Far above any vocabulary there is; a larger id is a broken file. */
  static final int MAX_ID = 1 << 26;

  /** The largest published vocabulary has 260,000 pieces and twice as many merges. */
  static final int MAX_PIECES = 1 << 21;

  private static final int MAX_MERGES = 1 << 22;

  private static final Pattern BYTE_PIECE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");

  Vocabulary {
    ids = Map.copyOf(ids);
  }

  /**
   * Scans a file that has been read.
   *
   * @param wanted pieces whose ids are asked for
   * @param prefix of all right halves of merges
   * @throws ModelException naming the file, line and column where it stops making sense
   */
  static Vocabulary scan(byte[] json, Path file, Set<String> wanted, String prefix) {
    try (JsonParser in = TokenizerParts.FACTORY.createParser(json)) {
      return new Scan(in, file, wanted, prefix).run();
    } catch (JsonProcessingException e) {
      throw ModelFiles.malformed(file, e);
    } catch (IOException e) {
      throw ModelFiles.unreadable(file, e);
    }
  }

  /** Largest id plus one. */
  int size() {
    return taken.length();
  }

  /** The token id at which a parser stands. */
  static int id(JsonParser in, Path file) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw Places.unexpected(file, in, "a token id");
    }
    long id = in.getLongValue();
    if (id < 0 || id > MAX_ID) {
      throw Places.unexpected(file, in, "a token id from 0 to " + MAX_ID);
    }
    return (int) id;
  }

  private static final class Scan {
    private final JsonParser in;
    private final Path file;
    private final Set<String> wanted;
    private final String prefix;
    private final Map<String, Integer> ids = new HashMap<>();
    private final BitSet taken = new BitSet();
    private final BitSet bytes = new BitSet();
    private final BitSet signs = new BitSet();
    private int pieces;
    private int longest;
    private boolean listed;

    Scan(JsonParser in, Path file, Set<String> wanted, String prefix) {
      this.in = in;
      this.file = file;
      this.wanted = wanted;
      this.prefix = prefix;
    }

    Vocabulary run() throws IOException {
      in.nextToken();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        boolean model = in.currentName().equals("model");
        in.nextToken();
        if (model) {
          model();
        } else {
          in.skipChildren();
        }
      }
      if (pieces == 0) {
        throw new ModelException(file + ": model.vocab: expected pieces, found none");
      }
      return new Vocabulary(pieces, listed, taken, bytes, longest, spellsBytes(signs), ids);
    }

    /** Printable bytes stand for themselves, the 68 others for characters from 256 on. */
    private static boolean spellsBytes(BitSet signs) {
      return signs.nextClearBit('!') > '~'
          && signs.nextClearBit(161) > 172
          && signs.nextClearBit(174) > 255 + 68;
    }

    private void model() throws IOException {
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String field = in.currentName();
        JsonToken value = in.nextToken();
        if (field.equals("vocab") && value == JsonToken.START_OBJECT) {
          while (in.nextToken() == JsonToken.FIELD_NAME) {
            String piece = in.currentName();
            in.nextToken();
            put(piece, id(in, file));
          }
        } else if (field.equals("vocab")) {
          list();
        } else if (field.equals("merges")) {
          merges();
        } else {
          in.skipChildren();
        }
      }
    }

    /** Unigram models list {@code [piece, score]}. */
    private void list() throws IOException {
      listed = true;
      while (in.nextToken() == JsonToken.START_ARRAY) {
        if (in.nextToken() != JsonToken.VALUE_STRING) {
          throw Places.unexpected(file, in, "a piece");
        }
        put(in.getText(), pieces);
        if (!in.nextToken().isNumeric()) {
          throw Places.unexpected(file, in, "a score");
        }
        if (in.nextToken() != JsonToken.END_ARRAY) {
          throw Places.unexpected(file, in, "the end of [piece, score]");
        }
      }
      if (in.currentToken() != JsonToken.END_ARRAY) {
        throw Places.unexpected(file, in, "[piece, score]");
      }
    }

    /** A merge is "left right" or [left, right]. */
    private void merges() throws IOException {
      if (in.currentToken() != JsonToken.START_ARRAY) {
        throw Places.unexpected(file, in, "a list of merges");
      }
      for (int count = 0; in.nextToken() != JsonToken.END_ARRAY; count++) {
        if (count == MAX_MERGES) {
          throw new ModelException(
              file + ": model.merges: expected at most " + MAX_MERGES + ", found more");
        }
        String right;
        if (in.currentToken() == JsonToken.START_ARRAY) {
          in.nextToken();
          in.nextToken();
          right = in.getText();
          if (in.currentToken() != JsonToken.VALUE_STRING
              || in.nextToken() != JsonToken.END_ARRAY) {
            throw Places.unexpected(file, in, "a merge of two pieces");
          }
        } else if (in.currentToken() == JsonToken.VALUE_STRING) {
          right = in.getText().substring(in.getText().indexOf(' ') + 1);
        } else {
          throw Places.unexpected(file, in, "a merge");
        }
        if (!right.startsWith(prefix)) {
          // The library cuts the prefix off without looking; it would end the whole program.
          throw new ModelException(
              "%s: model.merges: expected \"%s\" to begin with continuing_subword_prefix \"%s\""
                  .formatted(file, right, prefix));
        }
      }
    }

    private void put(String piece, int id) {
      if (++pieces > MAX_PIECES) {
        throw new ModelException(
            file + ": model.vocab: expected at most " + MAX_PIECES + " pieces, found more");
      }
      if (taken.get(id)) {
        throw new ModelException(
            file
                + ": model.vocab: expected one piece an id, found \""
                + piece
                + "\" as another"
                + " one of id "
                + id);
      }
      taken.set(id);
      longest = Math.max(longest, piece.length());
      if (piece.length() == 1) {
        signs.set(piece.charAt(0));
      }
      if (piece.length() == 6 && BYTE_PIECE.matcher(piece).matches()) {
        bytes.set(id);
      }
      if (wanted.contains(piece)) {
        ids.put(piece, id);
      }
    }
  }
}
