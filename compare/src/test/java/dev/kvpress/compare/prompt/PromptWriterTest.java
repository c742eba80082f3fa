package dev.kvpress.compare.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.data.Origin;
import dev.kvpress.compare.data.Question;
import dev.kvpress.runtime.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptWriterTest {
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
        public String spelling(int id) {
          return id == 1 ? "<s>" : Character.toString(id);
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

  private static PromptWriter writer(boolean queryAware) {
    return new PromptWriter(TOKENIZER, TemplateChoice.NONE, queryAware);
  }

  @Test
  void theQuestionIsLeftOutOfTheContext() {
    PromptTokens tokens = writer(false).text("xy", "q?", "z");
    assertThat(tokens.context()).isEqualTo(ids(1, 'x', 'y'));
    assertThat(tokens.question()).isEqualTo(ids(' ', 'q', '?'));
    assertThat(tokens.answer()).isEqualTo(ids(' ', 'z'));
  }

  @Test
  void awareOfTheQuestionOnlyItsLastTokenIsLeftOut() {
    PromptTokens tokens = writer(true).text("xy", "q?", "z");
    assertThat(tokens.context()).isEqualTo(ids(1, 'x', 'y', ' ', 'q'));
    assertThat(tokens.question()).isEqualTo(ids('?'));
    assertThat(tokens.answer()).isEqualTo(ids(' ', 'z'));
  }

  @Test
  void withoutAQuestionTheLastTokenOfTheContextAsks() {
    PromptTokens tokens = writer(false).text("xy", "", "");
    assertThat(tokens.context()).isEqualTo(ids(1, 'x'));
    assertThat(tokens.question()).isEqualTo(ids('y'));
    assertThat(tokens.answer().isEmpty()).isTrue();
  }

  @Test
  void aTokenAcrossABorderGoesToTheLaterPart() {
    PromptTokens tokens = writer(false).text("x\n", "bq\n", "bz");
    assertThat(tokens.context()).isEqualTo(ids(1, 'x'));
    assertThat(tokens.question()).isEqualTo(ids(2, 'q'));
    assertThat(tokens.answer()).isEqualTo(ids(2, 'z'));
  }

  @Test
  void aQuestionStandsBehindTheContextWithALineEnd() {
    PromptTokens tokens = writer(false).question("xy", "q?", "z", "a");
    assertThat(tokens.context()).isEqualTo(ids(1, 'x', 'y'));
    assertThat(tokens.question()).isEqualTo(ids('q', '?', '\n', 'z'));
    assertThat(tokens.answer()).isEqualTo(ids(' ', 'a'));
  }

  @Test
  void asRunningTextNothingStandsBetween() {
    PromptWriter running = new PromptWriter(TOKENIZER, TemplateChoice.RUNNING_TEXT, false);
    Question question = Question.of(new Origin(0, "f", 1), "xy", "q?", List.of("a"));
    assertThat(running.question(question, "", "a"))
        .isEqualTo(writer(false).text("xy", "q?", "a"))
        .isEqualTo(writer(false).question(question.asRunningText(), "", "a"))
        .isNotEqualTo(writer(false).question(question, "", "a"));
  }

  @Test
  void anExampleIsWrittenAsTheQuestionBehindIt() {
    Question question = Question.of(new Origin(0, "f", 1), "xy ", "q?", List.of("a", "b"));
    assertThat(writer(false).solved(question)).isEqualTo("xy q?\na");
    assertThat(writer(false).solved(question.asRunningText())).isEqualTo("xy q? a");
    assertThat(writer(false).solved(question.withSolution("1 + 1 = a")))
        .isEqualTo("xy q?\n1 + 1 = a");
  }

  @Test
  void aPromptNeedsTwoTokens() {
    assertThatThrownBy(() -> writer(false).text("", "", ""))
        .hasMessageContaining("at least two tokens");
  }

  private static ImmutableIntArray ids(int... ids) {
    return ImmutableIntArray.copyOf(ids);
  }

  @Test
  void aTemplateThatChangesWhatTheUserSaysIsRefused(@TempDir Path folder) throws Exception {
    assertThatThrownBy(
            () -> writer(folder, "{{ messages[0].content | upper }}").question(" c ", "q", "", ""))
        .hasMessageContaining("changes what the user says");
    assertThat(
            writer(folder, "[{{ messages[0].content | trim }}]")
                .question(" c ", "q", "", "")
                .context())
        .isEqualTo(ImmutableIntArray.of('[', 'c', ' '));
  }

  private static PromptWriter writer(Path folder, String template) throws Exception {
    Path file = Files.writeString(folder.resolve("own.jinja"), template);
    return new PromptWriter(TOKENIZER, TemplateChoice.of(folder, file.toString()), false);
  }
}
