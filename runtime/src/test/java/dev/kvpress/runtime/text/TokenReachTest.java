package dev.kvpress.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How few tokens a text may have, told without making them. */
class TokenReachTest {
  private static final long SEED = 15;
  private static final int TEXTS = 300;

  /**
   * What normalizing, splitting and unknown characters make fewer tokens of than one might think.
   */
  private static final List<String> HARD =
      List.of(
          " ",
          "\u00a0",
          "\n",
          "\t",
          "\u0301",
          "\u0327\u0301",
          "e\u0302\u0301",
          "\u1112\u1161\u11ab",
          "\u3042",
          "\ud83d\ude00",
          "\ufb03",
          "\ufc5e",
          "\u037a",
          "\u0130",
          "\u200b",
          "\u0000",
          "<s>",
          "</s>",
          "<unk>",
          "a",
          "the",
          "2126",
          "\u2126",
          "!",
          "▁",
          "0",
          "é",
          "\ud840\udc00");

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("dev.kvpress.runtime.text.AllTokenizers#names")
  void neverSaysMoreThanThereAre(String name) throws IOException {
    Tokenizer tokenizer = AllTokenizers.open(name, folder);
    Random random = new Random(SEED);
    List<String> parts = new ArrayList<>(HARD);
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      parts.add(tokenizer.spelling(id));
    }
    for (int i = 0; i < TEXTS; i++) {
      StringBuilder text = new StringBuilder();
      int kinds = 1 + random.nextInt(3);
      for (int k = 0; k < kinds; k++) {
        boolean hard = random.nextBoolean();
        String part = parts.get(random.nextInt(hard ? HARD.size() : parts.size()));
        text.append(part.repeat(1 + random.nextInt(60)));
      }
      assertThat(tokenizer.fewestTokens(text.toString()))
          .as("seed %d, \"%s\"", SEED, text)
          .isBetween(0L, (long) tokenizer.encodeFragment(text.toString()).length);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama3", "qwen2", "gemma", "sp-llama", "sp-gemma", "llama2c"})
  void tellsThatALongTextHasManyTokens(String name) throws IOException {
    Tokenizer tokenizer = AllTokenizers.open(name, folder);
    assertThat(tokenizer.fewestTokens("a".repeat(1_000_000))).isGreaterThan(1_000);
    assertThat(FittedTokenizer.of(tokenizer, 2).fewestTokens("a".repeat(1_000_000)))
        .isEqualTo(tokenizer.fewestTokens("a".repeat(1_000_000)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"wordpiece", "wordlevel"})
  void tellsNothingWhereARunOfCharactersMayBeOneToken(String name) throws IOException {
    assertThat(AllTokenizers.open(name, folder).fewestTokens("a".repeat(1_000_000))).isZero();
  }

  /** BPE over a, b and the mark, each unknown character by itself. */
  private Tokenizer bpe(String normalizer, String model, String added) throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [
           {"id": 0, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true}%s],
         "normalizer": %s, "pre_tokenizer": null, "post_processor": null, "decoder": null,
         "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": %s,
                   "vocab": {"<unk>": 0, "a": 1, "b": 2, "ab": 3, " ": 4},
                   "merges": [["a", "b"]]}}
        """
            .formatted(added, normalizer, model));
    return Tokenizers.find(folder).orElseThrow();
  }

  @Test
  void unknownCharactersCountOneByOneOrNotAtAll() throws IOException {
    String unknown = "x".repeat(5_000);
    Tokenizer each = bpe("null", "false", "");
    assertThat(each.encodeFragment(unknown)).hasSize(5_000);
    assertThat(each.fewestTokens(unknown)).isEqualTo(1_000);
    Tokenizer fused = bpe("null", "true", "");
    assertThat(fused.encodeFragment(unknown)).hasSize(1);
    assertThat(fused.fewestTokens(unknown)).isZero();
  }

  @Test
  void whatIsSwallowedDoesNotCount() throws IOException {
    String blanks = " ".repeat(5_000);
    Tokenizer stripping =
        bpe("{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true}", "false", "");
    assertThat(stripping.encodeFragment(blanks)).isEmpty();
    assertThat(stripping.fewestTokens(blanks)).isZero();
    assertThat(stripping.fewestTokens("a".repeat(5_000))).isEqualTo(1_000);
    Tokenizer collapsing =
        bpe(
            "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \" +\"}, \"content\": \" \"}",
            "false",
            "");
    assertThat(collapsing.encodeFragment(blanks)).hasSize(1);
    assertThat(collapsing.fewestTokens(blanks)).isZero();
    Tokenizer greedy =
        bpe(
            "null",
            "false",
            ", {\"id\": 5, \"content\": \"<mask>\", \"single_word\": false, \"lstrip\": true,"
                + " \"rstrip\": true, \"normalized\": false, \"special\": true}");
    assertThat(greedy.encodeFragment(blanks + "<mask>" + blanks)).hasSize(1);
    assertThat(greedy.fewestTokens(blanks + "<mask>" + blanks)).isEqualTo(1);
  }

  @Test
  void composedCharactersCountByWhatTheyAreComposedOf() throws IOException {
    Tokenizer composing = bpe("{\"type\": \"NFC\"}", "false", "");
    // Four characters that become one.
    String text = "\u03b1\u0313\u0300\u0345".repeat(5_000);
    assertThat(composing.encodeFragment(text)).hasSize(5_000);
    assertThat(composing.fewestTokens(text)).isEqualTo(1_000);
  }
}
