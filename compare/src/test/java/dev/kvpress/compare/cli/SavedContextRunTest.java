package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.prompt.OpenContext;
import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.decode.GenerationResult;
import dev.kvpress.runtime.decode.Pipeline;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands compress and answer, each as a run of its own. */
class SavedContextRunTest {
  private static final Path DEMO = Path.of("..", "test-data", "models", "demo");
  private static final String TEXT =
      "Once there was a small village by the river. Mara kept the red key in the old mill. "
          + "Every morning the baker walked over the bridge and sang. ";
  private static final List<String> QUESTIONS =
      List.of("Where did Mara keep the key?", " Who sang?");

  @TempDir Path folder;
  private Path context;
  private Path saved;

  @BeforeEach
  void write() throws IOException {
    context = Files.writeString(folder.resolve("context.txt"), TEXT.repeat(3));
    saved = folder.resolve("context.safetensors");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "h2o(local_window_size=8) | 0.5 | none",
        "adakv(snapkv(window_size=8)) | 0.6 | text",
        "decoding(h2o(local_window_size=4),compression_interval=3,target_size=40) | 0.5 | none",
      })
  void answersAreThoseOfTheContextInMemory(String press, double ratio, String template)
      throws IOException {
    Run compress = compress(press, ratio, template);
    assertThat(compress.code()).as(compress.err()).isZero();
    Run answer =
        Run.of(
            "answer",
            "--context",
            saved.toString(),
            "--question",
            QUESTIONS.get(0),
            "--question",
            QUESTIONS.get(1),
            "--max-new-tokens",
            "12",
            "--threads",
            "1",
            "--cache-dir",
            folder.resolve("models").toString());
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out()).isEqualTo(inMemory(press, ratio, template));
    assertThat(answer.err()).contains("model demo, compressed by").contains("tokens");
  }

  private String inMemory(String spec, double ratio, String template) throws IOException {
    Tokenizer tokenizer = Tokenizers.find(DEMO).orElseThrow();
    ModelPress press = PressCatalog.load().make(spec).press();
    OpenContext open =
        new PromptWriter(tokenizer, TemplateChoice.of(DEMO, template), false)
            .context(Files.readString(context));
    DecoderOptions options =
        new DecoderOptions(dev.kvpress.runtime.ort.Provider.CPU, 0, 1, folder.resolve("models"));
    try (DecoderModel model = DecoderModel.open(DEMO, options)) {
      List<int[]> asked = new ArrayList<>();
      for (String question : QUESTIONS) {
        asked.add(OpenContext.asked(tokenizer, question, open.before(), open.after()));
      }
      List<GenerationResult> answers =
          new Pipeline(model, 256, 12, tokenizer::endsText)
              .answer(open.ids().toArray(), asked, press, Budget.ratio(ratio));
      StringBuilder expected = new StringBuilder();
      for (int i = 0; i < answers.size(); i++) {
        expected
            .append(i == 0 ? "" : System.lineSeparator())
            .append("> ")
            .append(QUESTIONS.get(i))
            .append(System.lineSeparator())
            .append(tokenizer.decode(answers.get(i).ids().toArray()).strip())
            .append(System.lineSeparator());
      }
      return expected.toString();
    }
  }

  private Run compress(String press, double ratio, String template) {
    return Run.of(
        "compress",
        "--model",
        DEMO.toString(),
        "--press",
        press,
        "--compression-ratio",
        String.valueOf(ratio),
        "--context",
        context.toString(),
        "--output",
        saved.toString(),
        "--chat-template",
        template,
        "--threads",
        "1",
        "--cache-dir",
        folder.resolve("models").toString());
  }

  @Test
  void questionsOfAFileAndASingleAnswer() throws IOException {
    assertThat(compress("knorm", 0.3, "none").code()).isZero();
    Path file = Files.writeString(folder.resolve("questions.txt"), "Who sang?\n\n");
    Run one = answer("--questions", file.toString(), "-q");
    assertThat(one.code()).as(one.err()).isZero();
    assertThat(one.err()).isEmpty();
    assertThat(one.out()).doesNotContain(">").isNotBlank();
    assertThat(answer("--question", "Who sang?").out()).isEqualTo(one.out());
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    Run compress = Run.of("compress", "--press", "h2o");
    assertThat(compress.code()).isEqualTo(2);
    assertThat(compress.err()).contains("--context").contains("--output").contains("--compression");
    Run answer = Run.of("answer");
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err()).contains("--context").contains("--question");
  }

  @Test
  void damagedFilesAndMissingModelsAreNamed() throws IOException {
    assertThat(compress("knorm", 0.3, "none").code()).isZero();
    byte[] bytes = Files.readAllBytes(saved);
    bytes[bytes.length / 2] ^= 4;
    Files.write(saved, bytes);
    Run altered = answer("--question", "Who sang?");
    assertThat(altered.code()).isEqualTo(2);
    assertThat(altered.err()).contains("context.safetensors").contains("altered");
    Files.delete(saved);
    assertThat(answer("--question", "Who sang?").err()).contains("does not exist");
  }

  @Test
  void theModelIsOpenedWithTheWeightsThatTheContextWasMadeWith() {
    Run compress =
        Run.of(
            "compress",
            "--model",
            DEMO.toString(),
            "--context",
            context.toString(),
            "--output",
            saved.toString(),
            "--threads",
            "1",
            "--weights",
            "int8",
            "--cache-dir",
            folder.resolve("models").toString());
    assertThat(compress.code()).as(compress.err()).isZero();
    Run same = answer("--question", "Who sang?");
    assertThat(same.code()).as(same.err()).isZero();
    Run other = answer("--question", "Who sang?", "--weights", "f32");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("was made with weights stored as int8");
  }

  private Run answer(String... further) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "answer",
                "--context",
                saved.toString(),
                "--max-new-tokens",
                "8",
                "--threads",
                "1",
                "--cache-dir",
                folder.resolve("models").toString()));
    all.addAll(List.of(further));
    return Run.of(all.toArray(new String[0]));
  }
}
