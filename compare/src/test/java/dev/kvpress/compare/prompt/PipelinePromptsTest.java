package dev.kvpress.compare.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.Streams;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the prompts of kvpress's pipeline; test-data says how they were made. */
class PipelinePromptsTest {
  private static final Path REFERENCE =
      Path.of(System.getProperty("kvpress.root"), "test-data/reference");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  static Stream<JsonNode> figures() throws IOException {
    return Streams.stream(JSON.readTree(REFERENCE.resolve("prompts/figures.json").toFile()));
  }

  private Tokenizer tokenizer(JsonNode row) throws IOException {
    ObjectNode config = JSON.createObjectNode();
    config.set("bos_token", row.get("bos"));
    config.set("eos_token", row.get("eos"));
    Files.writeString(folder.resolve("tokenizer_config.json"), config.toString());
    Files.copy(
        REFERENCE.resolve("tokenizers/models/" + row.get("tokenizer").asText() + ".tokenizer.json"),
        folder.resolve("tokenizer.json"));
    return Tokenizers.find(folder).orElseThrow();
  }

  private TemplateChoice template(JsonNode row) {
    return row.get("template").isNull()
        ? TemplateChoice.NONE
        : TemplateChoice.of(
            folder,
            REFERENCE
                .resolve("chat-templates/templates/" + row.get("template").asText())
                .toString());
  }

  private static int[] ints(JsonNode ids) {
    return Streams.stream(ids).mapToInt(JsonNode::intValue).toArray();
  }

  @ParameterizedTest
  @MethodSource("figures")
  void areThoseOfKvpress(JsonNode row) throws IOException {
    PromptTokens tokens =
        new PromptWriter(tokenizer(row), template(row), false)
            .question(
                row.get("context").asText(),
                row.get("question").asText(),
                row.get("answer_prefix").asText(),
                "");
    assertThat(tokens.context()).isEqualTo(ImmutableIntArray.copyOf(ints(row.get("context_ids"))));
    assertThat(tokens.question())
        .isEqualTo(ImmutableIntArray.copyOf(ints(row.get("question_ids"))));
  }

  private PromptWriter chat(String template, boolean queryAware) throws IOException {
    JsonNode row = figures().findFirst().orElseThrow();
    Tokenizer tokenizer = tokenizer(row);
    Path file = folder.resolve("own.jinja");
    Files.writeString(file, template);
    return new PromptWriter(tokenizer, TemplateChoice.of(folder, file.toString()), queryAware);
  }

  @Test
  void awareOfTheQuestionItIsCompressedWithTheContext() throws IOException {
    String template = "[{{ messages[0].content }}]";
    PromptTokens aware = chat(template, true).question("a b", " c d", "e", "");
    Files.delete(folder.resolve("tokenizer.json"));
    PromptTokens whole = chat(template, false).question("a b c d", "", "e", "");
    assertThat(aware).isEqualTo(whole);
  }

  /** kvpress's separator of the same signs moves them behind the question. */
  @Test
  void signsAtTheEndOfAContextStayInIt() throws IOException {
    String template = "[{{ messages[0].content }}]";
    PromptTokens signs = chat(template, false).question("a ##", "b", "", "");
    Files.delete(folder.resolve("tokenizer.json"));
    PromptTokens plain = chat(template, false).question("a", "b", "", "");
    assertThat(signs.question()).isEqualTo(plain.question());
    assertThat(signs.context().length()).isGreaterThan(plain.context().length());
  }

  @Test
  void theEndOfATextIsNoPartOfAPrompt() throws IOException {
    PromptTokens with =
        chat("{{ messages[0].content }}!{{ eos_token }}", false).question("a", "b", "", "");
    Files.delete(folder.resolve("tokenizer.json"));
    assertThat(with)
        .isEqualTo(chat("{{ messages[0].content }}!", false).question("a", "b", "", ""));
  }

  @Test
  void aTemplateThatRepeatsTheContextIsRefused() throws IOException {
    PromptWriter twice = chat("{{ messages[0].content }}{{ messages[0].content }}", false);
    assertThatThrownBy(() -> twice.question("a", "b", "", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exactly once")
        .hasMessageContaining("own.jinja");
    Files.delete(folder.resolve("tokenizer.json"));
    PromptWriter never = chat("nothing", false);
    assertThatThrownBy(() -> never.question("a", "b", "", "")).hasMessageContaining("exactly once");
  }

  @Test
  void anUnknownTemplateNamesThoseOfTheModel() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"r\"}]}");
    assertThat(TemplateChoice.of(folder, "rag").template()).isPresent();
    assertThatThrownBy(() -> TemplateChoice.of(folder, "rga").template())
        .hasMessageContaining("--chat-template: expected auto, none, text, a file")
        .hasMessageContaining("[rag]")
        .hasMessageContaining("\"rga\"");
  }
}
