package dev.kvpress.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Ints;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextStreamTest {
  @TempDir Path folder;

  private Tokenizer tokenizer(String name) throws Exception {
    switch (name) {
      case "llama2c" ->
          Files.write(
              folder.resolve("tokenizer.bin"),
              new TokenizerBytes().withByteVocabulary().pieces(" a", 1f, "b", 1f, "é", 1f).bytes());
      case "sp-llama", "sp-unigram", "sp-gemma" -> {
        Files.copy(
            Reference.model(name.substring(3) + ".model"), folder.resolve("tokenizer.model"));
        String kind = name.equals("sp-gemma") ? "GemmaTokenizer" : "LlamaTokenizer";
        Files.writeString(
            folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"" + kind + "\"}");
      }
      default ->
          Files.copy(Reference.model(name + ".tokenizer.json"), folder.resolve("tokenizer.json"));
    }
    return Tokenizers.find(folder).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2",
        "llama3",
        "qwen2",
        "metaspace_first",
        "metaspace_always",
        "metaspace_never",
        "llama_legacy",
        "gemma",
        "wordpiece",
        "wordlevel",
        "added",
        "suffix",
        "code",
        "prefix_space",
        "sp-llama",
        "sp-unigram",
        "sp-gemma",
        "llama2c"
      })
  void saysWhatDecodingTheWholeGives(String name) throws Exception {
    Tokenizer tokenizer = tokenizer(name);
    for (int seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      int[] ids = new int[1 + random.nextInt(seed % 3 == 0 ? 400 : 30)];
      // Low ids are bytes and special tokens; the highest are no tokens at all.
      int most = seed % 2 == 0 ? tokenizer.vocabularySize() + 3 : 262;
      Arrays.setAll(ids, i -> random.nextInt(most));
      int prompt = random.nextInt(3) == 0 ? random.nextInt(ids.length) : 0;
      TextStream stream =
          prompt == 0
              ? TextStream.of(tokenizer)
              : TextStream.behind(tokenizer, Arrays.copyOf(ids, prompt));
      StringBuilder said = new StringBuilder();
      for (int id : Arrays.copyOfRange(ids, prompt, ids.length)) {
        said.append(stream.add(id));
      }
      said.append(stream.end());
      String whole = tokenizer.decode(ids);
      String begun = tokenizer.decode(Arrays.copyOf(ids, prompt)).replaceFirst("\uFFFD+\\z", "");
      assertThat(said.toString())
          .as("%s, seed %d", name, seed)
          .isEqualTo(whole.substring(Math.min(begun.length(), whole.length())));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen2", "llama_legacy", "gemma", "sp-llama", "sp-gemma"})
  void handsOutWholeCharactersOnly(String name) throws Exception {
    Tokenizer tokenizer = tokenizer(name);
    String text = "a 😀👩‍👩‍👧‍👦 日本\u0000 é\n\n  b 🇩🇪";
    int[] prompt = tokenizer.encode("Once upon");
    TextStream stream = TextStream.behind(tokenizer, prompt);
    StringBuilder said = new StringBuilder();
    int[] all = tokenizer.encode("Once upon" + text);
    assertThat(all).startsWith(prompt);
    for (int id : Arrays.copyOfRange(all, prompt.length, all.length)) {
      String piece = stream.add(id);
      assertThat(piece).doesNotContain("\uFFFD");
      assertThat(piece.isEmpty() || !Character.isHighSurrogate(piece.charAt(piece.length() - 1)))
          .isTrue();
      said.append(piece);
    }
    assertThat(said.append(stream.end()).toString()).isEqualTo(text);
  }

  @Test
  void keepsTheSpaceBetweenPromptAndText() throws Exception {
    Tokenizer tokenizer = tokenizer("llama_legacy");
    int[] whole = tokenizer.encode("the bear");
    int[] prompt = tokenizer.encode("the");
    TextStream stream = TextStream.behind(tokenizer, prompt);
    String said = "";
    for (int id : Arrays.copyOfRange(whole, prompt.length, whole.length)) {
      said += stream.add(id);
    }
    assertThat(said + stream.end()).isEqualTo(" bear");
  }

  @Test
  void showsACharacterThatStaysCutAtTheEnd() throws Exception {
    Tokenizer tokenizer = tokenizer("gpt2");
    int[] smile = tokenizer.encode("a😀");
    TextStream stream = TextStream.of(tokenizer);
    StringBuilder said = new StringBuilder();
    for (int id : Arrays.copyOf(smile, smile.length - 1)) {
      said.append(stream.add(id));
    }
    assertThat(said.toString()).isEqualTo("a");
    assertThat(stream.end()).isEqualTo("\uFFFD");
  }

  @Test
  void decodesOnlyTheLastTokensAgain() throws Exception {
    Tokenizer tokenizer = tokenizer("gpt2");
    long[] decoded = {0};
    Tokenizer counting =
        new ForwardingTokenizer(tokenizer) {
          @Override
          public String decode(int[] ids) {
            decoded[0] += ids.length;
            return super.decode(ids);
          }
        };
    int[] ids = tokenizer.encode("The little bear went home. ".repeat(200));
    TextStream stream = TextStream.of(counting);
    for (int id : ids) {
      stream.add(id);
    }
    assertThat(decoded[0]).isLessThan(ids.length * 80L);
    assertThat(Ints.max(ids)).isPositive();
  }
}
