package dev.kvpress.runtime.text;

import dev.kvpress.runtime.ModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The added tokens of a tokenizer, each with the id it has in the end.
 *
 * <p>The tokenizer library does not take the ids that a {@code tokenizer.json} declares for added
 * tokens: one that is a piece of the vocabulary has that piece's id, every other one the next free
 * id. Where the declared ids are others, the tokens are made pieces of the vocabulary first.
 *
 * @param tokens in the order in which the library is to see them, all with ids
 * @param changed whether they differ from what the file lists
 * @param missing those that must become pieces of the vocabulary to get their ids
 */
record AddedTokens(List<AddedToken> tokens, boolean changed, List<AddedToken> missing) {
  AddedTokens {
    tokens = List.copyOf(tokens);
    missing = List.copyOf(missing);
  }

  /**
   * Brings together what the tokenizer's own file lists and what the files beside it say. On ids
   * the own file is right, on how a token is found the configuration, as in transformers.
   *
   * @param own what the file lists
   * @throws ModelException naming the token whose ids contradict each other
   */
  static AddedTokens of(
      List<AddedToken> own,
      TokenizerConfig config,
      TokenizerClass kind,
      Vocabulary vocabulary,
      Path file) {
    Map<String, AddedToken> tokens = new LinkedHashMap<>();
    for (AddedToken token : own) {
      if (!token.content().isEmpty()) {
        checkPiece(token, vocabulary, file);
        tokens.put(token.content(), token);
      }
    }
    for (AddedToken token : config.added()) {
      if (!token.content().isEmpty()) {
        tokens.merge(
            token.content(),
            token,
            (before, beside) -> config.detailed() ? merged(before, beside) : before);
      }
    }
    for (AddedToken token : config.named(kind, text -> vocabulary.ids().containsKey(text))) {
      tokens.merge(token.content(), token, (before, named) -> before.asSpecial());
    }
    List<AddedToken> complete = withIds(List.copyOf(tokens.values()), vocabulary);
    List<AddedToken> further =
        complete.stream().filter(t -> !vocabulary.ids().containsKey(t.content())).toList();
    checkIds(further, vocabulary, file);
    boolean declared = assignedAsDeclared(complete, vocabulary);
    if (!declared && vocabulary.listed()) {
      throw new ModelException(
          "%s: the added tokens have ids up to %d, but the library counts on from the %d pieces of the vocabulary; other ids are not supported with a Unigram model"
              .formatted(
                  file,
                  complete.stream().mapToInt(t -> t.id().orElseThrow()).max().orElse(0),
                  vocabulary.pieces()));
    }
    return new AddedTokens(complete, !complete.equals(own), declared ? List.of() : further);
  }

  private static void checkPiece(AddedToken token, Vocabulary vocabulary, Path file) {
    Integer piece = vocabulary.ids().get(token.content());
    if (piece != null && piece != token.id().orElseThrow()) {
      throw new ModelException(
          "%s: token \"%s\" has the id %d among the added tokens and %d in the vocabulary; which of them the model knows cannot be told"
              .formatted(file, token.content(), token.id().getAsInt(), piece));
    }
  }

  private static AddedToken merged(AddedToken own, AddedToken beside) {
    AddedToken merged = beside.withId(own.id().orElseThrow());
    return own.special() ? merged.asSpecial() : merged;
  }

  /** A token that is only named has its piece's id, or else the next one that nothing has. */
  private static List<AddedToken> withIds(List<AddedToken> tokens, Vocabulary vocabulary) {
    int next = vocabulary.size();
    for (AddedToken token : tokens) {
      next = Math.max(next, token.id().orElse(-1) + 1);
    }
    List<AddedToken> complete = new ArrayList<>();
    for (AddedToken token : tokens) {
      Integer piece = vocabulary.ids().get(token.content());
      if (piece != null) {
        complete.add(token.withId(piece));
      } else {
        complete.add(token.id().isPresent() ? token : token.withId(next++));
      }
    }
    return complete;
  }

  /** Counts as the library does when it loads the file. */
  private static boolean assignedAsDeclared(List<AddedToken> tokens, Vocabulary vocabulary) {
    OptionalInt largest = OptionalInt.empty();
    for (AddedToken token : tokens) {
      Integer piece = vocabulary.ids().get(token.content());
      int id =
          piece != null
              ? piece
              : largest.isPresent() && largest.getAsInt() >= vocabulary.pieces()
                  ? largest.getAsInt() + 1
                  : vocabulary.pieces();
      if (id != token.id().orElseThrow()) {
        return false;
      }
      largest = OptionalInt.of(Math.max(id, largest.orElse(id)));
    }
    return true;
  }

  private static void checkIds(List<AddedToken> further, Vocabulary vocabulary, Path file) {
    Set<Integer> ids = new HashSet<>();
    for (AddedToken token : further) {
      int id = token.id().orElseThrow();
      if (vocabulary.taken().get(id) || !ids.add(id)) {
        throw new ModelException(
            "%s: token \"%s\" is to have the id %d, which another one has"
                .formatted(file, token.content(), id));
      }
    }
  }

  /** The id of a token or piece. */
  static OptionalInt id(String content, Map<String, AddedToken> tokens, Vocabulary vocabulary) {
    AddedToken token = tokens.get(content);
    if (token != null) {
      return token.id();
    }
    Integer piece = vocabulary.ids().get(content);
    return piece == null ? OptionalInt.empty() : OptionalInt.of(piece);
  }
}
