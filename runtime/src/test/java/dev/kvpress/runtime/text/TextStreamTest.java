package dev.kvpress.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Ints;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextStreamTest {
  @TempDir Path folder;

  private Tokenizer tokenizer(String name) throws Exception {
    return AllTokenizers.open(name, folder);
  }

  @ParameterizedTest
  @MethodSource("dev.kvpress.runtime.text.AllTokenizers#names")
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

  /** What is known of a token's start: the text of those before it, as far as it stays. */
  private static int start(Tokenizer tokenizer, int[] ids, int token, String whole) {
    int start = 0;
    for (int i = 0; i <= token; i++) {
      String before = tokenizer.decode(Arrays.copyOf(ids, i));
      int common = 0;
      while (common < Math.min(before.length(), whole.length())
          && before.charAt(common) == whole.charAt(common)) {
        common++;
      }
      start = Math.max(start, common);
    }
    return start;
  }

  @ParameterizedTest
  @MethodSource("dev.kvpress.runtime.text.AllTokenizers#names")
  void knowsWhereTokensBegin(String name) throws Exception {
    Tokenizer tokenizer = tokenizer(name);
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int[] ids = new int[1 + random.nextInt(seed % 10 == 0 ? 120 : 20)];
      int most = seed % 2 == 0 ? tokenizer.vocabularySize() + 3 : 262;
      Arrays.setAll(ids, i -> random.nextInt(most));
      String whole = tokenizer.decode(ids);
      TextStream stream = TextStream.of(tokenizer);
      int said = 0;
      for (int id : ids) {
        said += stream.add(id).length();
        if (stream.isSettled()) {
          assertThat(whole).hasSizeGreaterThanOrEqualTo(said);
          assertThat(stream.knownStarts()).isGreaterThan(0);
        }
      }
      stream.end();
      assertThat(stream.knownStarts()).isEqualTo(ids.length);
      for (int i = 0; i < ids.length; i++) {
        assertThat(stream.start(i))
            .as("%s, seed %d, token %d of %s", name, seed, i, Arrays.toString(ids))
            .isEqualTo(start(tokenizer, ids, i, whole));
      }
    }
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
