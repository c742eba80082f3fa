package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.ModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * What the files beside a tokenizer say about it: {@code tokenizer_config.json}, {@code
 * special_tokens_map.json}, {@code added_tokens.json}, and the ids in {@code
 * generation_config.json} and {@code config.json}.
 *
 * @param present whether there is a {@code tokenizer_config.json}
 * @param className the class that is to read the tokenizer, as it is written
 * @param modelType {@code model_type} of {@code config.json}
 * @param names the tokens with a part to play
 * @param added further tokens, with their ids
 * @param detailed whether {@code added} says how they are found in a text, too
 * @param flags yes and no, where something is said
 * @param bosIds ids that begin a text, by the model's configuration
 * @param eosIds ids that end a text; newer chat models give several
 */
record TokenizerConfig(
    boolean present,
    Optional<String> className,
    Optional<String> modelType,
    SpecialNames names,
    List<AddedToken> added,
    boolean detailed,
    Map<String, Boolean> flags,
    List<Integer> bosIds,
    List<Integer> eosIds) {
  static final String FILE = "tokenizer_config.json";
  static final String ADD_BOS = "add_bos_token";
  static final String ADD_EOS = "add_eos_token";
  static final String ADD_PREFIX_SPACE = "add_prefix_space";
  static final String LEGACY = "legacy";

  private static final String SPLIT_SPECIAL = "split_special_tokens";
  private static final String ADDED_DECODER = "added_tokens_decoder";
  private static final int MAX_ID = 1 << 26;

  TokenizerConfig {
    added = List.copyOf(added);
    flags = Map.copyOf(flags);
    bosIds = List.copyOf(bosIds);
    eosIds = List.copyOf(eosIds);
  }

  /**
   * Reads the configuration files; files that are absent say nothing.
   *
   * @throws ModelException if one of them is no JSON, or asks for what cannot be done
   */
  static TokenizerConfig read(ModelFiles files) {
    JsonNode config = files.json(FILE);
    JsonNode generation = files.json("generation_config.json");
    JsonNode model = files.json("config.json");
    refuse(config);
    SpecialNames names = SpecialNames.of(config);
    List<AddedToken> added = new ArrayList<>();
    boolean detailed = config.path(ADDED_DECODER).isObject();
    if (detailed) {
      config
          .path(ADDED_DECODER)
          .properties()
          .forEach(
              entry ->
                  added.add(
                      AddedToken.of(entry.getValue(), OptionalInt.of(id(FILE, entry.getKey())))));
    } else {
      // Folders written before 2023 spread this over two files.
      names = names.overriddenBy(SpecialNames.of(files.json("special_tokens_map.json")));
      added.addAll(addedTokens(files.json("added_tokens.json"), names));
    }
    Map<String, Boolean> flags = new LinkedHashMap<>();
    for (String flag : List.of(ADD_BOS, ADD_EOS, ADD_PREFIX_SPACE, LEGACY)) {
      if (config.path(flag).isBoolean()) {
        flags.put(flag, config.path(flag).booleanValue());
      }
    }
    return new TokenizerConfig(
        config.isObject(),
        text(config.path("tokenizer_class")).or(() -> text(model.path("tokenizer_class"))),
        text(model.path("model_type")),
        names,
        added,
        detailed,
        flags,
        ids("bos_token_id", generation, model),
        ids("eos_token_id", generation, model));
  }

  private static void refuse(JsonNode config) {
    if (config.path(SPLIT_SPECIAL).asBoolean(false)) {
      throw new ModelException(
          FILE
              + ": "
              + SPLIT_SPECIAL
              + ": expected false, found true; texts in which special tokens are spelled as plain"
              + " text are not supported");
    }
    JsonNode sampling = config.path("sp_model_kwargs");
    if (sampling.isObject() && !sampling.isEmpty()) {
      throw new ModelException(
          FILE
              + ": sp_model_kwargs: expected none, found "
              + sampling
              + "; sampled encodings are not supported");
    }
  }

  private static List<AddedToken> addedTokens(JsonNode file, SpecialNames names) {
    List<String> special = names.all().stream().map(AddedToken::content).toList();
    List<AddedToken> added = new ArrayList<>();
    file.properties()
        .forEach(
            entry -> {
              boolean isSpecial = special.contains(entry.getKey());
              OptionalInt id = OptionalInt.of(id("added_tokens.json", entry.getValue().asText()));
              added.add(
                  new AddedToken(entry.getKey(), id, false, false, false, !isSpecial, isSpecial));
            });
    return added;
  }

  private static int id(String file, String digits) {
    try {
      int id = Integer.parseInt(digits);
      if (id >= 0 && id <= MAX_ID) {
        return id;
      }
    } catch (NumberFormatException e) {
      // Said below, together with numbers out of range.
    }
    throw new ModelException(
        file + ": expected a token id from 0 to " + MAX_ID + ", found \"" + digits + "\"");
  }

  private static Optional<String> text(JsonNode value) {
    return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
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

  /** What is said on a question, if anything. */
  Optional<Boolean> flag(String name) {
    return Optional.ofNullable(flags.get(name));
  }

  /**
   * Tokens that only have a part to play: those the files name, and those that the class has by
   * itself where the files say nothing and the vocabulary knows them.
   */
  List<AddedToken> named(TokenizerClass kind, Predicate<String> known) {
    List<AddedToken> named = new ArrayList<>(names.all());
    kind.defaults()
        .forEach(
            (part, text) -> {
              if (!names.parts().containsKey(part) && known.test(text)) {
                named.add(AddedToken.named(text));
              }
            });
    return named;
  }
}
