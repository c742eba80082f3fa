package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo model as a chat model. */
class ChatTemplateRunTest {
  private static final Path DEMO =
      Path.of(System.getProperty("kvpress.root"), "test-data/models/demo");

  @TempDir Path folder;

  private Path model;
  private Path questions;
  private Path texts;

  @BeforeEach
  void aChatModel() throws Exception {
    model = Files.createDirectory(folder.resolve("model"));
    for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Files.createSymbolicLink(model.resolve(file), DEMO.resolve(file));
    }
    template("<user>{{ messages[0].content }}</user>");
    questions = folder.resolve("questions.jsonl");
    Files.writeString(
        questions,
        "{\"context\": \"Mira keeps the lantern.\", \"question\": \"Who keeps it?\","
            + " \"answers\": [\"Mira\"], \"answer_prefix\": \"It is\"}\n");
    texts = folder.resolve("texts.jsonl");
    Files.writeString(texts, "{\"text\": \"Mira keeps the lantern. Jonas fears the otter.\"}\n");
  }

  private void template(String template) throws Exception {
    Files.writeString(
        model.resolve("tokenizer_config.json"),
        new ObjectMapper().createObjectNode().put("chat_template", template).toString());
  }

  private Run run(Path data, String... more) {
    List<String> all = new ArrayList<>(List.of("--methods", "baseline", "--max-new-tokens", "4"));
    all.addAll(List.of("--model", model.toString(), "--data-path", data.toString()));
    all.addAll(List.of("--cache-dir", folder.resolve("cache").toString()));
    all.addAll(List.of("--output", folder.resolve("out").toString()));
    all.addAll(List.of(more));
    return Run.of(all.toArray(new String[0]));
  }

  @Test
  void questionsAreWrittenInTheModelsTemplateAndShown() {
    Run run = run(questions, "--dry-run");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("prompts of qa are written in the chat template chat_template");
    assertThat(run.out())
        .contains("first prompt of task qa")
        .contains("<user>Mira keeps the lantern.\"")
        .contains("Who keeps it?</user>It is\"")
        .contains("expected: \"Mira\"");
  }

  @Test
  void withoutItTheLineEnds() {
    Run run = run(questions, "--dry-run", "--chat-template", "none");
    assertThat(run.err()).contains("the model has a chat template, which is not applied");
    assertThat(run.out()).contains("Who keeps it?\\nIt is\"").doesNotContain("<user>");
  }

  @Test
  void textsStayAsTheyStandAndOneLineSaysSo() {
    Run run = run(texts, "--dry-run");
    assertThat(run.code()).isZero();
    assertThat(run.err()).contains("is not applied to perplexity");
    assertThat(run.out()).doesNotContain("<user>");
  }

  @Test
  void aTemplateThatCannotBeRenderedStopsQuestionsAndNotTexts() throws Exception {
    template("{{ messages | frobnicate }}");
    Run asked = run(questions);
    assertThat(asked.code()).isEqualTo(2);
    assertThat(asked.err()).contains("filter frobnicate is not supported", "--chat-template");
    assertThat(folder.resolve("out/results.json")).doesNotExist();
    Run read = run(texts);
    assertThat(read.code()).as(read.err()).isZero();
    assertThat(read.err()).contains("the model's chat template is not applied");
  }

  @Test
  void theRunSaysWhichTemplateItWas() throws Exception {
    assertThat(run(questions).code()).isZero();
    assertThat(new ObjectMapper().readTree(folder.resolve("out/run.json").toFile()).toString())
        .contains("\"chat_template\":\"chat_template of tokenizer_config.json (sha256 ");
  }

  @Test
  void generateSpeaksAsTheUserUnlessToldOtherwise() {
    String[] command = {
      "generate",
      "--model",
      model.toString(),
      "--cache-dir",
      folder.resolve("cache").toString(),
      "--prompt",
      "Mira keeps",
      "--max-new-tokens",
      "2",
      "--chat-template",
      "auto"
    };
    Run chat = Run.of(command);
    assertThat(chat.code()).as(chat.err()).isZero();
    assertThat(chat.err()).contains("the prompt is written in the chat template chat_template of");
    command[command.length - 1] = "none";
    assertThat(Run.of(command).err()).doesNotContain("chat template");
  }
}
