package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.Ints;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How much of a text one token can stand for at most, from which follows how many a long text has
 * at least: whoever has no room for so many need not wait for them.
 *
 * <p>Counted are characters (code points): a piece never has fewer of them than it stands for, as a
 * byte piece spells its byte and the pieces of byte-level vocabularies have a character for each
 * byte. Where something on the way to the pieces swallows white space, marks or controls, as many
 * as there are, only letters and digits count, which nothing admitted here drops.
 *
 * @param longest characters that one token stands for at most; empty where that cannot be told, for
 *     instance since a run of unknown characters is one token however long it is
 * @param lettersOnly whether only letters and digits count
 */
record TokenReach(OptionalInt longest, boolean lettersOnly) {
  static final TokenReach UNKNOWN = new TokenReach(OptionalInt.empty(), true);

  /**
   * Unicode composes no more than four characters into one: none has a longer canonical
   * decomposition.
   */
  private static final int COMPOSED = 4;

  /** Characters that normalizing makes of one at most, all steps together, with room to spare. */
  private static final int EXPANDED = 64;

  /** Neither drop a character nor make one of several. */
  private static final Set<String> KEEPING_NORMALIZERS =
      Set.of("NFD", "Lowercase", "ByteLevel", "Prepend");

  /** Drop white space or marks; letters are parted from their accents first and stay. */
  private static final Set<String> DROPPING_NORMALIZERS = Set.of("Strip", "StripAccents");

  private static final Set<String> KEEPING_SPLITTERS =
      Set.of("ByteLevel", "Metaspace", "UnicodeScripts", "Digits", "FixedLength");

  private static final Set<String> DROPPING_SPLITTERS =
      Set.of("BertPreTokenizer", "Whitespace", "WhitespaceSplit");

  private static final int BYTES = 256;
  private static final String TYPE = "type";
  private static final String REMOVED = "Removed";

  static TokenReach of(int longest, boolean lettersOnly) {
    return new TokenReach(OptionalInt.of(longest), lettersOnly);
  }

  /** Tokens that a text has at least; 0 where that cannot be told. */
  long fewestTokens(String text) {
    if (longest.isEmpty()) {
      return 0;
    }
    long counted = lettersOnly ? letters(text) : characters(text);
    long each = longest.getAsInt();
    return (counted + each - 1) / each;
  }

  /**
   * That of a {@code tokenizer.json}: BPE whose every character has a token of its own, behind
   * steps of which it is known what they drop.
   */
  static TokenReach of(TokenizerJson json) {
    TokenizerParts parts = json.parts();
    TokenReach steps = normalizer(parts.normalizer()).and(splitter(parts.preTokenizer()));
    if (steps.longest().isEmpty() || !namesEverything(json)) {
      return UNKNOWN;
    }
    boolean normalizes = !isNone(parts.normalizer());
    int piece = json.vocabulary().longest();
    boolean strips = false;
    for (AddedToken token : json.tokens().tokens()) {
      int expanded = token.normalized() && normalizes ? EXPANDED : 1;
      piece = Math.max(piece, Ints.saturatedCast((long) expanded * token.content().length()));
      strips |= token.lstrip() || token.rstrip();
    }
    return of(product(steps.longest().getAsInt(), piece), steps.lettersOnly() || strips);
  }

  private static int product(int one, int other) {
    return Ints.saturatedCast((long) one * other);
  }

  /** Whether no run of characters, however long, is one token or none. */
  private static boolean namesEverything(TokenizerJson json) {
    JsonNode model = json.parts().model();
    Vocabulary vocabulary = json.vocabulary();
    if (!model.path(TYPE).asText("BPE").equals("BPE") || vocabulary.listed()) {
      return false;
    }
    if (model.path("unk_token").isTextual() && !model.path("fuse_unk").asBoolean(false)) {
      return true;
    }
    // Characters inside a word are looked for with these, which the byte pieces may lack.
    if (!model.path("continuing_subword_prefix").asText("").isEmpty()
        || !model.path("end_of_word_suffix").asText("").isEmpty()) {
      return false;
    }
    boolean byteLevel =
        hasByteLevel(json.parts().preTokenizer()) || hasByteLevel(json.parts().normalizer());
    boolean fallsBack = model.path("byte_fallback").asBoolean(false);
    return (byteLevel && vocabulary.spellsBytes())
        || (fallsBack && vocabulary.bytes().cardinality() == BYTES);
  }

  private static boolean hasByteLevel(JsonNode part) {
    if (part.path(TYPE).asText().equals("ByteLevel")) {
      return true;
    }
    for (JsonNode members : part) {
      for (JsonNode member : members) {
        if (hasByteLevel(member)) {
          return true;
        }
      }
    }
    return false;
  }

  /** {@code longest} is here the factor by which a step makes a text shorter. */
  private TokenReach and(TokenReach other) {
    if (longest.isEmpty() || other.longest.isEmpty()) {
      return UNKNOWN;
    }
    int factor = product(longest.getAsInt(), other.longest.getAsInt());
    return of(factor, lettersOnly || other.lettersOnly);
  }

  private static TokenReach normalizer(JsonNode part) {
    String type = part.path(TYPE).asText();
    if (isNone(part) || KEEPING_NORMALIZERS.contains(type)) {
      return of(1, false);
    }
    if (DROPPING_NORMALIZERS.contains(type)) {
      return of(1, true);
    }
    return switch (type) {
      case "NFC" -> of(COMPOSED, false);
      case "Replace" -> replacing(part);
      case "Sequence" -> {
        TokenReach all = of(1, false);
        for (JsonNode member : part.path("normalizers")) {
          all = all.and(normalizer(member));
        }
        yield all;
      }
      // The map of Precompiled may drop anything; compatible forms make marks of some letters.
      default -> UNKNOWN;
    };
  }

  /** One for one, as a space by the mark ▁; an expression may swallow anything. */
  private static TokenReach replacing(JsonNode part) {
    JsonNode pattern = part.path("pattern").path("String");
    String content = part.path("content").asText();
    boolean even =
        pattern.isTextual()
            && characters(pattern.textValue()) == characters(content)
            && letters(pattern.textValue()) <= letters(content);
    return even ? of(1, false) : UNKNOWN;
  }

  private static TokenReach splitter(JsonNode part) {
    String type = part.path(TYPE).asText();
    if (isNone(part) || KEEPING_SPLITTERS.contains(type)) {
      return of(1, false);
    }
    if (DROPPING_SPLITTERS.contains(type)) {
      return of(1, true);
    }
    return switch (type) {
      case "Split" -> part.path("behavior").asText().equals(REMOVED) ? UNKNOWN : of(1, false);
      case "Punctuation" -> of(1, part.path("behavior").asText().equals(REMOVED));
      case "Sequence" -> {
        TokenReach all = of(1, false);
        for (JsonNode member : part.path("pretokenizers")) {
          all = all.and(splitter(member));
        }
        yield all;
      }
      default -> UNKNOWN;
    };
  }

  private static long letters(String text) {
    return text.codePoints().filter(Character::isLetterOrDigit).count();
  }

  private static long characters(String text) {
    return text.codePointCount(0, text.length());
  }

  private static boolean isNone(JsonNode part) {
    return part.isMissingNode() || part.isNull();
  }
}
