package dev.kvpress.runtime.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The two things of a {@code tokenizer.json} which the tokenizer library does not tell: how many
 * ids there are, and the ids of a few named tokens. Read as a stream; the vocabularies of current
 * models have 100,000 and more entries.
 *
 * @param vocabularySize largest id of the vocabulary and of the added tokens, plus one
 * @param ids ids of those of the wanted tokens that exist
 */
record TokenizerJson(int vocabularySize, Map<String, Integer> ids) {
  /** Far above any vocabulary there is; a larger id is a broken file. */
  private static final int MAX_ID = 1 << 26;

  private static final JsonFactory FACTORY = new JsonFactory();

  TokenizerJson {
    ids = Map.copyOf(ids);
  }

  /**
   * Scans a file that has been read.
   *
   * @throws ModelException naming the file, line and column where it stops making sense
   */
  static TokenizerJson scan(byte[] json, Path file, Set<String> wanted) {
    try (JsonParser in = FACTORY.createParser(json)) {
      Scan scan = new Scan(in, file, wanted);
      scan.root();
      if (scan.largest < 0) {
        throw new ModelException(
            file
                + ": expected a vocabulary under model.vocab, found none; is it a tokenizer.json?");
      }
      return new TokenizerJson(scan.largest + 1, scan.ids);
    } catch (JsonProcessingException e) {
      throw malformed(file, e);
    } catch (IOException e) {
      throw new ModelException(file + ": cannot be read: " + e, e);
    }
  }

  /** One line for a file that is no JSON. */
  static ModelException malformed(Path file, JsonProcessingException e) {
    String place =
        e.getLocation() == null
            ? ""
            : "line " + e.getLocation().getLineNr() + " column " + e.getLocation().getColumnNr();
    return new ModelException(
        file + ": " + place + ": expected JSON: " + e.getOriginalMessage() + "; is it complete?",
        e);
  }

  private static final class Scan {
    private final JsonParser in;
    private final Path file;
    private final Set<String> wanted;
    private final Map<String, Integer> ids = new HashMap<>();
    private int largest = -1;

    Scan(JsonParser in, Path file, Set<String> wanted) {
      this.in = in;
      this.file = file;
      this.wanted = wanted;
    }

    void root() throws IOException {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw unexpected("an object");
      }
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String field = in.currentName();
        JsonToken value = in.nextToken();
        if (field.equals("model") && value == JsonToken.START_OBJECT) {
          model();
        } else if (field.equals("added_tokens") && value == JsonToken.START_ARRAY) {
          addedTokens();
        } else {
          in.skipChildren();
        }
      }
    }

    private void model() throws IOException {
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String field = in.currentName();
        JsonToken value = in.nextToken();
        if (field.equals("vocab") && value == JsonToken.START_OBJECT) {
          while (in.nextToken() == JsonToken.FIELD_NAME) {
            String piece = in.currentName();
            in.nextToken();
            put(piece, id());
          }
        } else if (field.equals("vocab") && value == JsonToken.START_ARRAY) {
          unigram();
        } else {
          in.skipChildren();
        }
      }
    }

    /** Unigram models list {@code [piece, score]}; the id is the place in the list. */
    private void unigram() throws IOException {
      for (int id = 0; in.nextToken() == JsonToken.START_ARRAY; id++) {
        if (in.nextToken() != JsonToken.VALUE_STRING) {
          throw unexpected("a piece");
        }
        put(in.getText(), id);
        while (in.nextToken() != JsonToken.END_ARRAY) {
          in.skipChildren();
        }
      }
    }

    private void addedTokens() throws IOException {
      while (in.nextToken() == JsonToken.START_OBJECT) {
        String content = "";
        int id = -1;
        while (in.nextToken() == JsonToken.FIELD_NAME) {
          String field = in.currentName();
          in.nextToken();
          if (field.equals("id")) {
            id = id();
          } else if (field.equals("content")) {
            content = in.getText();
          } else {
            in.skipChildren();
          }
        }
        if (id >= 0) {
          put(content, id);
        }
      }
    }

    private int id() throws IOException {
      if (in.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw unexpected("a token id");
      }
      long id = in.getLongValue();
      if (id < 0 || id > MAX_ID) {
        throw unexpected("a token id from 0 to " + MAX_ID);
      }
      return (int) id;
    }

    private void put(String piece, int id) {
      largest = Math.max(largest, id);
      if (wanted.contains(piece)) {
        ids.put(piece, id);
      }
    }

    private ModelException unexpected(String expected) throws IOException {
      return new ModelException(
          file
              + ": line "
              + in.currentTokenLocation().getLineNr()
              + " column "
              + in.currentTokenLocation().getColumnNr()
              + ": expected "
              + expected
              + ", found "
              + (in.currentToken() == null ? "the end of the file" : in.getText()));
    }
  }
}
