package dev.kvpress.runtime.text.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against what transformers makes of the same templates; test-data says how that was found. */
class ChatTemplateTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("kvpress.root"), "test-data/reference/chat-templates");
  private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");

  /** Constructs of Jinja2 that are refused here; whatever else is rendered must be right. */
  private static final int REFUSED_AT_MOST = 34;

  private static JsonNode figures() throws IOException {
    return new ObjectMapper().readTree(FOLDER.resolve("figures.json").toFile());
  }

  private static List<ChatMessage> conversation(JsonNode figures, JsonNode row) {
    List<ChatMessage> messages = new ArrayList<>();
    figures
        .get("conversations")
        .get(row.get("conversation").asText())
        .forEach(
            turn ->
                messages.add(
                    new ChatMessage(turn.get("role").asText(), turn.get("content").asText())));
    return messages;
  }

  static Stream<Arguments> families() throws IOException {
    JsonNode figures = figures();
    return StreamSupport.stream(figures.get("templates").spliterator(), false)
        .map(row -> Arguments.of(row, conversation(figures, row)));
  }

  @ParameterizedTest
  @MethodSource("families")
  void rendersTheFormatsOfModelFamilies(JsonNode row, List<ChatMessage> messages)
      throws IOException {
    String file = row.get("template").asText();
    Map<String, Boolean> switches = new HashMap<>();
    row.get("switches")
        .properties()
        .forEach(entry -> switches.put(entry.getKey(), entry.getValue().booleanValue()));
    ChatTemplate template =
        ChatTemplate.of(file, Files.readString(FOLDER.resolve("templates").resolve(file)), TOKENS);
    boolean begins = row.get("answer_begins").booleanValue();
    if (row.has("error")) {
      assertThatThrownBy(() -> template.render(messages, begins, switches))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining(file + ": the template refuses the conversation")
          .hasMessageContaining(row.get("error").asText());
    } else {
      assertThat(template.render(messages, begins, switches)).isEqualTo(row.get("text").asText());
    }
  }

  @Test
  void rendersEveryConstructAsPythonOrRefusesIt() throws IOException {
    JsonNode figures = figures();
    List<String> wrong = new ArrayList<>();
    int refused = 0;
    for (JsonNode row : figures.get("constructs")) {
      String template = row.get("template").asText();
      Optional<String> text = rendered(template, conversation(figures, row));
      if (text.isEmpty()) {
        refused += row.has("error") ? 0 : 1;
      } else if (!text.get().equals(row.path("text").asText())) {
        wrong.add(template + " gives " + text.get() + ", expected " + row);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(refused).as("refused though Python renders it").isLessThanOrEqualTo(REFUSED_AT_MOST);
  }

  private static Optional<String> rendered(String template, List<ChatMessage> messages) {
    try {
      return Optional.of(ChatTemplate.of("t", template, TOKENS).render(messages, true, Map.of()));
    } catch (ModelException e) {
      return Optional.empty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ messages | frobnicate }}",
        "{% include 'x' %}",
        "a\n{{ messages[0].content.zfill(3) }}",
        "{% for m in messages %}{{ loop.changed(1) }}{% endfor %}",
        "{{ strftime_now('%q') }}",
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}",
        "{{ ((((1 }}",
        "{{ 'a' * 99999999 }}"
      })
  void namesTheLineOfWhatItDoesNotDo(String template) {
    assertThatThrownBy(
            () ->
                ChatTemplate.of("x.jinja", template, TOKENS)
                    .render(List.of(ChatMessage.user("Hi")), true, Map.of()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("x.jinja: the template cannot be rendered: line ")
        .hasMessageContaining("--chat-template");
  }

  @Test
  void deepTemplatesAreRefusedAndBreakNothing() {
    String deep = "{{ " + "(".repeat(50_000) + "1" + ")".repeat(50_000) + " }}";
    assertThatThrownBy(() -> ChatTemplate.of("x", deep, TOKENS)).isInstanceOf(ModelException.class);
    String nested = "{% if true %}".repeat(5_000) + "{% endif %}".repeat(5_000);
    assertThatThrownBy(() -> ChatTemplate.of("x", nested, TOKENS))
        .isInstanceOf(ModelException.class);
    String minus = "{{ " + "-".repeat(50_000) + "1 }}";
    assertThatThrownBy(() -> ChatTemplate.of("x", minus, TOKENS))
        .isInstanceOf(ModelException.class);
    String not = "{{ " + "not ".repeat(50_000) + "1 }}";
    assertThatThrownBy(() -> ChatTemplate.of("x", not, TOKENS)).isInstanceOf(ModelException.class);
    String sum = "{{ 1" + " + 1".repeat(50_000) + " }}";
    assertThatThrownBy(() -> ChatTemplate.of("x", sum, TOKENS).render(List.of(), true, Map.of()))
        .isInstanceOf(ModelException.class);
  }
}
