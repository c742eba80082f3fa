package dev.kvpress.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.text.chat.ChatMessage;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplatesTest {
  @TempDir Path folder;

  private void config(String json) throws Exception {
    Files.writeString(folder.resolve("tokenizer_config.json"), json);
  }

  private static String render(ChatTemplate template) {
    return template.render(List.of(ChatMessage.user("Hi")), true, Map.of());
  }

  @Test
  void aModelWithoutTemplateHasNone() {
    assertThat(ChatTemplates.beside(folder).usual()).isEmpty();
  }

  @Test
  void theConfigurationsTemplateSeesItsSpecialTokens() throws Exception {
    config(
        "{\"bos_token\": {\"content\": \"<b>\"}, \"eos_token\": \"<e>\", \"chat_template\":"
            + " \"{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ pad_token }}\"}");
    assertThat(render(ChatTemplates.beside(folder).usual().orElseThrow())).isEqualTo("<b>Hi<e>");
  }

  @Test
  void anOwnFileIsTakenInsteadOfTheConfiguration() throws Exception {
    config("{\"chat_template\": \"config\"}");
    Files.writeString(folder.resolve("chat_template.jinja"), "file");
    assertThat(render(ChatTemplates.beside(folder).usual().orElseThrow())).isEqualTo("file");
    assertThat(render(ChatTemplates.beside(folder.resolve("model.onnx")).usual().orElseThrow()))
        .isEqualTo("file");
  }

  @Test
  void aConfigurationIsNoTemplate() throws Exception {
    config("{\"chat_template\": \"{{ messages[0].content }}\"}");
    ChatTemplates templates = ChatTemplates.beside(folder);
    assertThatThrownBy(() -> templates.ofFile(folder.resolve("tokenizer_config.json")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("expected a chat template, found a JSON object");
    Path file = Files.writeString(folder.resolve("own.jinja"), "{{ messages[0].content }}");
    assertThat(render(templates.ofFile(file))).isEqualTo("Hi");
  }

  @Test
  void severalAreKnownByName() throws Exception {
    config(
        "{\"chat_template\": [{\"name\": \"default\", \"template\": \"d\"},"
            + " {\"name\": \"rag\", \"template\": \"r\"}]}");
    ChatTemplates templates = ChatTemplates.beside(folder);
    assertThat(templates.names()).containsExactly("default", "rag");
    assertThat(render(templates.usual().orElseThrow())).isEqualTo("d");
    assertThat(render(templates.named("rag").orElseThrow())).isEqualTo("r");
    assertThat(templates.named("other")).isEmpty();
  }

  @Test
  void namedFilesStandBesideTheUsualOne() throws Exception {
    Files.writeString(folder.resolve("chat_template.jinja"), "d");
    Files.createDirectory(folder.resolve("additional_chat_templates"));
    Files.writeString(folder.resolve("additional_chat_templates").resolve("tool_use.jinja"), "t");
    assertThat(ChatTemplates.beside(folder).names()).containsExactly("default", "tool_use");
  }

  @Test
  void namedOnesOnlyMustBeNamed() throws Exception {
    config("{\"chat_template\": [{\"name\": \"rag\", \"template\": \"r\"}]}");
    assertThatThrownBy(() -> ChatTemplates.beside(folder).usual())
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("[rag]")
        .hasMessageContaining("--chat-template");
  }

  @Test
  void aTemplateThatCannotBeReadIsNoReasonToRefuseTheOthers() throws Exception {
    config(
        "{\"chat_template\": [{\"name\": \"default\", \"template\": \"{% include 'x' %}\"},"
            + " {\"name\": \"rag\", \"template\": \"r\"}]}");
    ChatTemplates templates = ChatTemplates.beside(folder);
    assertThat(render(templates.named("rag").orElseThrow())).isEqualTo("r");
    assertThatThrownBy(templates::usual)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("chat_template of tokenizer_config.json: default")
        .hasMessageContaining("{% include %} is not supported");
  }
}
