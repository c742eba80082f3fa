package dev.kvpress.runtime.text;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A {@code tokenizer.json} together with what the files beside it change in it.
 *
 * @param content what the tokenizer library is to read
 * @param parts what the file says, but for the vocabulary
 * @param vocabulary about the file's vocabulary
 * @param tokens the added tokens
 */
record TokenizerJson(
    byte[] content, TokenizerParts parts, Vocabulary vocabulary, AddedTokens tokens) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ADDED = "added_tokens";

  /** Known models have some thousands; the library's time grows with the square of them. */
  private static final int MOST_ADDED = 1 << 16;

  private static final String PRE_TOKENIZER = "pre_tokenizer";

  /**
   * Reads and checks a file.
   *
   * @param json what was read from the file
   * @throws ModelException naming the file and what in it is broken or not understood
   */
  static TokenizerJson of(byte[] json, Path file, TokenizerConfig config, TokenizerClass kind) {
    TokenizerParts parts = TokenizerParts.read(json, file);
    PartRules.check(parts, file);
    Set<String> wanted = new HashSet<>(kind.defaults().values());
    parts.added().forEach(token -> wanted.add(token.content()));
    config.added().forEach(token -> wanted.add(token.content()));
    config.names().all().forEach(token -> wanted.add(token.content()));
    JsonNode prefix = parts.model().path("continuing_subword_prefix");

    Vocabulary vocabulary =
        Vocabulary.scan(json, file, wanted, prefix.isTextual() ? prefix.textValue() : "");
    AddedTokens tokens = AddedTokens.of(parts.added(), config, kind, vocabulary, file);
    if (tokens.tokens().size() > MOST_ADDED) {
      throw new ModelException(
          "%s: found %d added tokens, expected at most %d; put those that are no special tokens into the vocabulary"
              .formatted(file, tokens.tokens().size(), MOST_ADDED));
    }
    Optional<JsonNode> words = PrefixSpace.changed(parts.preTokenizer(), config, kind);
    boolean same = !tokens.changed() && tokens.missing().isEmpty() && words.isEmpty();
    byte[] content = same ? json : rewritten(json, file, tokens, words);
    return new TokenizerJson(content, parts, vocabulary, tokens);
  }

  /** Number of ids. */
  int size() {
    return tokens.tokens().stream()
        .mapToInt(token -> token.id().orElseThrow() + 1)
        .reduce(vocabulary.size(), Math::max);
  }

  private static byte[] rewritten(
      byte[] json, Path file, AddedTokens tokens, Optional<JsonNode> words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(json.length + json.length / 8);
    try (JsonParser in = JSON.createParser(json);
        JsonGenerator out = JSON.createGenerator(bytes)) {
      in.nextToken();
      out.writeStartObject();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String field = in.currentName();
        in.nextToken();
        if (field.equals(ADDED)) {
          in.skipChildren();
        } else if (field.equals("model")) {
          out.writeFieldName(field);
          copyModel(in, out, tokens);
        } else if (field.equals(PRE_TOKENIZER) && words.isPresent()) {
          in.skipChildren();
          out.writeFieldName(field);
          JSON.writeTree(out, words.get());
        } else {
          out.writeFieldName(field);
          out.copyCurrentStructure(in);
        }
      }
      out.writeFieldName(ADDED);
      JSON.writeTree(out, list(tokens));
      out.writeEndObject();
    } catch (IOException e) {
      throw ModelFiles.unreadable(file, e);
    }
    return bytes.toByteArray();
  }

  private static void copyModel(JsonParser in, JsonGenerator out, AddedTokens tokens)
      throws IOException {
    out.writeStartObject();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String field = in.currentName();
      out.writeFieldName(field);
      if (in.nextToken() == JsonToken.START_OBJECT && field.equals("vocab")) {
        out.writeStartObject();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
          out.writeFieldName(in.currentName());
          in.nextToken();
          out.copyCurrentStructure(in);
        }
        for (AddedToken token : tokens.missing()) {
          out.writeNumberField(token.content(), token.id().orElseThrow());
        }
        out.writeEndObject();
      } else {
        out.copyCurrentStructure(in);
      }
    }
    out.writeEndObject();
  }

  private static ArrayNode list(AddedTokens tokens) {
    ArrayNode list = JSON.createArrayNode();
    for (AddedToken token : tokens.tokens()) {
      ObjectNode entry = list.addObject();
      token.write(entry);
    }
    return list;
  }
}
