package dev.kvpress.runtime.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the files beside a tokenizer say about its BOS and EOS tokens.
 *
 * @param bosNames tokens that {@code tokenizer_config.json} names as BOS, at most one
 * @param eosNames tokens that it names as EOS, at most one
 * @param bosIds ids that {@code generation_config.json} or else {@code config.json} gives as BOS
 * @param eosIds ids that it gives as EOS; newer chat models give several
 * @param addBos whether {@code tokenizer_config.json} asks for a BOS, if it says anything on it
 */
record SpecialTokens(
    List<String> bosNames,
    List<String> eosNames,
    List<Integer> bosIds,
    List<Integer> eosIds,
    Optional<Boolean> addBos) {
  private static final ObjectMapper JSON = new ObjectMapper();

  SpecialTokens {
    bosNames = List.copyOf(bosNames);
    eosNames = List.copyOf(eosNames);
    bosIds = List.copyOf(bosIds);
    eosIds = List.copyOf(eosIds);
  }

  /**
   * Reads the configuration files of a folder; files that are absent say nothing.
   *
   * @throws ModelException if one of them is no JSON
   */
  static SpecialTokens read(Path folder) {
    JsonNode tokenizer = json(folder.resolve("tokenizer_config.json"));
    JsonNode generation = json(folder.resolve("generation_config.json"));
    JsonNode model = json(folder.resolve("config.json"));
    JsonNode addBos = tokenizer.path("add_bos_token");
    return new SpecialTokens(
        name(tokenizer.path("bos_token")),
        name(tokenizer.path("eos_token")),
        ids("bos_token_id", generation, model),
        ids("eos_token_id", generation, model),
        addBos.isBoolean() ? Optional.of(addBos.booleanValue()) : Optional.empty());
  }

  /** The same, with a token for both ends of a text where nothing names one. */
  SpecialTokens orElseBothEnds(String name) {
    return new SpecialTokens(
        bosNames.isEmpty() && bosIds.isEmpty() ? List.of(name) : bosNames,
        eosNames.isEmpty() && eosIds.isEmpty() ? List.of(name) : eosNames,
        bosIds,
        eosIds,
        addBos);
  }

  /** All names whose ids the vocabulary has to tell. */
  Set<String> names() {
    Set<String> names = new LinkedHashSet<>(bosNames);
    names.addAll(eosNames);
    return names;
  }

  /** A token stands as its text or as an object that carries the text as its content. */
  private static List<String> name(JsonNode token) {
    JsonNode text = token.isObject() ? token.path("content") : token;
    return text.isTextual() ? List.of(text.textValue()) : List.of();
  }

  private static List<Integer> ids(String field, JsonNode generation, JsonNode model) {
    JsonNode value = generation.path(field);
    if (value.isMissingNode() || value.isNull()) {
      value = model.path(field);
    }
    List<Integer> ids = new ArrayList<>();
    if (value.isInt()) {
      ids.add(value.intValue());
    } else if (value.isArray()) {
      value.forEach(
          id -> {
            if (id.isInt()) {
              ids.add(id.intValue());
            }
          });
    }
    return ids;
  }

  private static JsonNode json(Path file) {
    if (!Files.isRegularFile(file)) {
      return MissingNode.getInstance();
    }
    try {
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      return root == null ? MissingNode.getInstance() : root;
    } catch (JsonProcessingException e) {
      throw TokenizerJson.malformed(file, e);
    } catch (IOException e) {
      throw new ModelException(file + ": cannot be read: " + e, e);
    }
  }
}
