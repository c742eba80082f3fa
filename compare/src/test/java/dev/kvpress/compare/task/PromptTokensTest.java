package dev.kvpress.compare.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.Arrays;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class PromptTokensTest {
  /** A token for each character, but a line end before a b is one with it; 1 begins a text. */
  private static final Tokenizer TOKENIZER =
      new Tokenizer() {
        @Override
        public int[] encode(String text) {
          ImmutableIntArray.Builder ids = ImmutableIntArray.builder().add(1);
          for (int i = 0; i < text.length(); i++) {
            boolean pair = text.startsWith("\nb", i);
            ids.add(pair ? 2 : text.charAt(i));
            i += pair ? 1 : 0;
          }
          return ids.build().toArray();
        }

        @Override
        public int[] encodeFragment(String text) {
          int[] ids = encode(text);
          return Arrays.copyOfRange(ids, 1, ids.length);
        }

        @Override
        public String decode(int[] ids) {
          throw new UnsupportedOperationException();
        }

        @Override
        public OptionalInt bosId() {
          return OptionalInt.of(1);
        }

        @Override
        public OptionalInt eosId() {
          return OptionalInt.empty();
        }

        @Override
        public boolean endsText(int id) {
          return false;
        }

        @Override
        public int vocabularySize() {
          return 256;
        }

        @Override
        public String describe() {
          return "characters";
        }
      };

  @Test
  void theQuestionIsLeftOutOfTheContext() {
    PromptTokens tokens = PromptTokens.of(TOKENIZER, "xy", "q?", "z", false);
    assertThat(tokens.context()).isEqualTo(ids(1, 'x', 'y'));
    assertThat(tokens.question()).isEqualTo(ids(' ', 'q', '?'));
    assertThat(tokens.answer()).isEqualTo(ids(' ', 'z'));
  }

  @Test
  void awareOfTheQuestionOnlyItsLastTokenIsLeftOut() {
    PromptTokens tokens = PromptTokens.of(TOKENIZER, "xy", "q?", "z", true);
    assertThat(tokens.context()).isEqualTo(ids(1, 'x', 'y', ' ', 'q'));
    assertThat(tokens.question()).isEqualTo(ids('?'));
    assertThat(tokens.answer()).isEqualTo(ids(' ', 'z'));
  }

  @Test
  void withoutAQuestionTheLastTokenOfTheContextAsks() {
    PromptTokens tokens = PromptTokens.of(TOKENIZER, "xy", "", "", false);
    assertThat(tokens.context()).isEqualTo(ids(1, 'x'));
    assertThat(tokens.question()).isEqualTo(ids('y'));
    assertThat(tokens.answer().isEmpty()).isTrue();
  }

  @Test
  void aTokenAcrossABorderGoesToTheLaterPart() {
    PromptTokens tokens = PromptTokens.of(TOKENIZER, "x\n", "bq\n", "bz", false);
    assertThat(tokens.context()).isEqualTo(ids(1, 'x'));
    assertThat(tokens.question()).isEqualTo(ids(2, 'q'));
    assertThat(tokens.answer()).isEqualTo(ids(2, 'z'));
    assertThat(tokens.length()).isEqualTo(6);
  }

  @Test
  void aPromptNeedsTwoTokens() {
    assertThatThrownBy(() -> PromptTokens.of(TOKENIZER, "", "", "", false))
        .hasMessageContaining("at least two tokens");
  }

  private static ImmutableIntArray ids(int... ids) {
    return ImmutableIntArray.copyOf(ids);
  }
}
