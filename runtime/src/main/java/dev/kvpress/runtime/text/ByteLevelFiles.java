package dev.kvpress.runtime.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Byte-level BPE tokenizers in their older form: {@code vocab.json} (piece to id) and {@code
 * merges.txt} (one merge a line, best first, with or without a version line). How texts are cut
 * into words stands in neither; the class knows it.
 */
final class ByteLevelFiles {
  static final String VOCABULARY = "vocab.json";
  static final String MERGES = "merges.txt";

  /** SHA-256 of GPT-2's merges, joined by line feeds: with these it can be no other tokenizer. */
  private static final String GPT2_MERGES =
      "04e3597d7996f292ca9b8b7285ca4d58a6ae171ac47d73fc7140ceb0c7a6bbc0";

  private static final long MAX_FILE_BYTES = 64L << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path vocabularyFile;
  private final Map<String, Integer> vocabulary;
  private final List<String> merges;

  private ByteLevelFiles(
      Path vocabularyFile, Map<String, Integer> vocabulary, List<String> merges) {
    this.vocabularyFile = vocabularyFile;
    this.vocabulary = vocabulary;
    this.merges = merges;
  }

  /**
   * Reads both files.
   *
   * @throws ModelException naming the file and line where the two stop making sense
   */
  static ByteLevelFiles read(Path vocabularyFile, Path mergesFile) {
    Map<String, Integer> vocabulary = vocabulary(vocabularyFile);
    return new ByteLevelFiles(vocabularyFile, vocabulary, merges(mergesFile, vocabulary));
  }

  private static Map<String, Integer> vocabulary(Path file) {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    byte[] json = ModelFiles.read(file, MAX_FILE_BYTES);
    try (JsonParser in = TokenizerParts.FACTORY.createParser(json)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw Places.unexpected(file, in, "an object of piece to id");
      }
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String piece = in.currentName();
        in.nextToken();
        vocabulary.put(piece, Vocabulary.id(in, file));
        if (vocabulary.size() > Vocabulary.MAX_PIECES) {
          throw new ModelException(
              file + ": expected at most " + Vocabulary.MAX_PIECES + " pieces, found more");
        }
      }
      return vocabulary;
    } catch (JsonProcessingException e) {
      throw ModelFiles.malformed(file, e);
    } catch (IOException e) {
      throw ModelFiles.unreadable(file, e);
    }
  }

  private static List<String> merges(Path file, Map<String, Integer> vocabulary) {
    List<String> merges = new ArrayList<>();
    List<String> lines = lines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isEmpty() || (i == 0 && line.startsWith("#version"))) {
        continue;
      }
      int space = line.indexOf(' ');
      if (space <= 0 || space == line.length() - 1 || line.indexOf(' ', space + 1) >= 0) {
        throw new ModelException(
            file + ":" + (i + 1) + ": expected two pieces and one space, found \"" + line + "\"");
      }
      String joined = line.substring(0, space).concat(line.substring(space + 1));
      if (!vocabulary.containsKey(joined)) {
        throw new ModelException(
            file
                + ":"
                + (i + 1)
                + ": the merge makes \""
                + joined
                + "\", which "
                + VOCABULARY
                + " does not hold; take both files from one model");
      }
      merges.add(line);
    }
    return merges;
  }

  private static List<String> lines(Path file) {
    byte[] bytes = ModelFiles.read(file, MAX_FILE_BYTES);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes))
          .toString()
          .lines()
          .toList();
    } catch (CharacterCodingException e) {
      throw new ModelException(file + ": cannot be read as UTF-8 text: " + e, e);
    }
  }

  /** Whether these are the merges of GPT-2, whatever they lie beside. */
  boolean areGpt2() {
    return Hashing.sha256()
        .hashString(String.join("\n", merges), StandardCharsets.UTF_8)
        .toString()
        .equals(GPT2_MERGES);
  }

  Path vocabularyFile() {
    return vocabularyFile;
  }

  /** The tokenizer.json that says the same under the rules of a class. */
  byte[] tokenizerJson(ByteLevelRules rules, boolean prefixSpace) {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0");
    if (rules.composes()) {
      root.putObject("normalizer").put("type", "NFC");
    }
    root.set("pre_tokenizer", words(rules, prefixSpace));
    root.set("decoder", byteLevel(false, true));
    ObjectNode model = root.putObject("model").put("type", "BPE");
    ObjectNode pieces = model.putObject("vocab");
    vocabulary.forEach(pieces::put);
    ArrayNode list = model.putArray("merges");
    merges.forEach(list::add);
    try {
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that cannot be written", e);
    }
  }

  private static ObjectNode words(ByteLevelRules rules, boolean prefixSpace) {
    if (rules.words().isEmpty()) {
      return byteLevel(prefixSpace, true);
    }
    ObjectNode sequence = JSON.createObjectNode().put("type", "Sequence");
    ArrayNode members = sequence.putArray("pretokenizers");
    ObjectNode split = members.addObject().put("type", "Split");
    split.putObject("pattern").put("Regex", rules.words().get());
    split.put("behavior", "Isolated").put("invert", false);
    // The class says so itself: a space before the text is not for it.
    members.add(byteLevel(false, false));
    return sequence;
  }

  private static ObjectNode byteLevel(boolean prefixSpace, boolean ownWords) {
    return JSON.createObjectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", prefixSpace)
        .put("trim_offsets", true)
        .put("use_regex", ownWords);
  }
}
