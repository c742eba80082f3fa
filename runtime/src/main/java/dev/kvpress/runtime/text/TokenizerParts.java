package dev.kvpress.runtime.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A {@code tokenizer.json} but for its vocabulary: what happens to a text before and after, and the
 * added tokens. Read as a stream, since the vocabulary of a current model takes 30 MB.
 *
 * @param normalizer null node if there is none; so the others
 * @param preTokenizer splits a text into words
 * @param postProcessor puts special tokens around ids
 * @param decoder makes a text of pieces
 * @param model everything of the model but {@code vocab} and {@code merges}
 * @param added added tokens in the file's order
 */
record TokenizerParts(
    JsonNode normalizer,
    JsonNode preTokenizer,
    JsonNode postProcessor,
    JsonNode decoder,
    ObjectNode model,
    List<AddedToken> added) {
  static final Set<String> TABLES = Set.of("vocab", "merges");

  static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final String NORMALIZER = "normalizer";
  private static final String PRE_TOKENIZER = "pre_tokenizer";
  private static final String POST_PROCESSOR = "post_processor";
  private static final String DECODER = "decoder";
  private static final String MODEL = "model";
  private static final String ADDED = "added_tokens";

  /** Read by the library and switched off: nothing is cut or padded here. */
  private static final Set<String> SWITCHED_OFF = Set.of("truncation", "padding");

  /** Pipelines have dozens of values, those with long lists of words thousands. */
  private static final int MAX_VALUES = 200_000;

  /** Models have up to some thousand added tokens, of eight values each. */
  private static final int MAX_ADDED_VALUES = 8_000_000;

  /**
   * Reads a file.
   *
   * @throws ModelException naming the file and the place where it stops making sense
   */
  static TokenizerParts read(byte[] json, Path file) {
    try (JsonParser in = FACTORY.createParser(json)) {
      return new Reader(in, file).read();
    } catch (JsonProcessingException e) {
      throw ModelFiles.malformed(file, e);
    } catch (IOException e) {
      throw ModelFiles.unreadable(file, e);
    }
  }

  private static final class Reader {
    private final JsonParser in;
    private final Path file;
    private final ObjectNode parts = JsonNodeFactory.instance.objectNode();
    private final ObjectNode model = JsonNodeFactory.instance.objectNode();
    private boolean vocabulary;
    private List<AddedToken> added = List.of();

    Reader(JsonParser in, Path file) {
      this.in = in;
      this.file = file;
    }

    TokenizerParts read() throws IOException {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw Places.unexpected(file, in, "an object");
      }
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String field = in.currentName();
        in.nextToken();
        part(field);
      }
      if (!vocabulary) {
        throw new ModelException(
            file
                + ": expected a vocabulary under model.vocab, found none; is it a tokenizer.json?");
      }
      return new TokenizerParts(
          parts.path(NORMALIZER),
          parts.path(PRE_TOKENIZER),
          parts.path(POST_PROCESSOR),
          parts.path(DECODER),
          model,
          added);
    }

    private void part(String field) throws IOException {
      switch (field) {
        case NORMALIZER, PRE_TOKENIZER, POST_PROCESSOR, DECODER ->
            parts.set(field, small(field, MAX_VALUES));
        case "version" -> {
          JsonNode version = small(field, MAX_VALUES);
          if (!version.asText().equals("1.0")) {
            throw new ModelException(file + ": version: expected \"1.0\", found " + version);
          }
        }
        case ADDED -> added = added(small(field, MAX_ADDED_VALUES));
        case MODEL -> model();
        default -> {
          if (!SWITCHED_OFF.contains(field)) {
            throw new ModelException(
                file + ": found the part \"" + field + "\", which means nothing known");
          }
          small(field, MAX_VALUES);
        }
      }
    }

    private JsonNode small(String field, int most) throws IOException {
      try {
        return JsonTree.read(in, most);
      } catch (JsonTree.TooManyValues e) {
        throw new ModelException(
            file + ": " + field + ": expected at most " + most + " values, found more", e);
      }
    }

    private void model() throws IOException {
      if (in.currentToken() != JsonToken.START_OBJECT) {
        throw Places.unexpected(file, in, "an object as model");
      }
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String field = in.currentName();
        JsonToken value = in.nextToken();
        if (TABLES.contains(field)) {
          vocabulary |= field.equals("vocab") && value.isStructStart();
          in.skipChildren();
        } else {
          model.set(field, small(MODEL + "." + field, MAX_VALUES));
        }
      }
    }

    private List<AddedToken> added(JsonNode list) {
      List<AddedToken> tokens = new ArrayList<>();
      for (JsonNode entry : list) {
        JsonNode id = entry.path("id");
        if (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() > Vocabulary.MAX_ID) {
          throw new ModelException(
              file
                  + ": added_tokens: expected a token id from 0 to "
                  + Vocabulary.MAX_ID
                  + ", found "
                  + entry);
        }
        PartRules.checkAddedToken(entry, file);
        tokens.add(AddedToken.of(entry, OptionalInt.of(id.intValue())));
      }
      return tokens;
    }
  }
}
