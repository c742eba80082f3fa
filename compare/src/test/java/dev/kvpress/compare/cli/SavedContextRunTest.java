package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.decode.Pipeline;
import dev.kvpress.runtime.decode.TokenResult;
import dev.kvpress.runtime.text.OpenContext;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
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
        "decoding(h2o(local_window_size=4),compression_interval=3,target_size=40) | 0 | none",
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
      List<TokenResult> answers =
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

  @Test
  void outputsThatWouldCostAFileAreRefusedBeforeAnythingIsRead() throws IOException {
    // No model, so that nothing but a refusal can come of it.
    Path model = Files.createDirectories(folder.resolve("model/presses")).getParent();
    Path weights = Files.writeString(model.resolve("model.safetensors"), "weights");
    Path text = Files.writeString(folder.resolve("text.safetensors"), TEXT);
    Path notes = Files.writeString(folder.resolve("notes.safetensors"), "mine");
    Path link = Files.createSymbolicLink(folder.resolve("link"), model);
    Path file = Files.createSymbolicLink(folder.resolve("file.safetensors"), weights);
    Path alias = Files.createSymbolicLink(folder.resolve("alias.safetensors"), text);

    refuses(text, model, text, "is the text that --context gives");
    refuses(alias, model, text, "is the text that --context gives");
    refuses(weights, model, text, "lies in the folder of the model");
    refuses(model.resolve("presses/new.safetensors"), model, text, "lies in the folder of the");
    refuses(link.resolve("presses/new.safetensors"), model, text, "lies in the folder of the");
    refuses(model.resolve("none/../new.safetensors"), model, text, "lies in the folder of the");
    refuses(file, model, text, "lies in the folder of the model");
    refuses(model.resolve("new.safetensors"), link, text, "lies in the folder of the model");
    refuses(model.resolve("presses/new.safetensors"), weights, text, "lies in the folder of the");
    refuses(notes, model, text, "exists and is no saved context");
    refuses(
        folder.resolve("context.txt"), model, text, "expected a name that ends in .safetensors");
    refuses(folder.resolve("new"), model, text, "expected a name that ends in .safetensors");
    refuses(folder, model, text, "found the folder");
    refuses(notes.resolve("new.safetensors"), model, text, "no file can be made in");

    assertThat(weights).hasContent("weights");
    assertThat(text).hasContent(TEXT);
    assertThat(notes).hasContent("mine");
    assertThat(model.resolve("presses")).isEmptyDirectory();
  }

  @Test
  void aSystemFolderIsRefusedBeforeAnythingIsRead() {
    Path system = Path.of("/proc");
    Assumptions.assumeTrue(Files.isDirectory(system));
    refuses(system.resolve("new.safetensors"), folder, context, "no file can be made in /proc");
  }

  private static void refuses(Path output, Path model, Path text, String reason) {
    Run run =
        Run.of(
            "compress",
            "--model",
            model.toString(),
            "--context",
            text.toString(),
            "--output",
            output.toString());
    assertThat(run.code()).as(output.toString()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).as(output.toString()).contains("--output: ").contains(reason);
  }

  @Test
  void anEarlierContextIsWrittenOver() throws IOException {
    assertThat(compress("knorm", 0.3, "none").code()).isZero();
    byte[] before = Files.readAllBytes(saved);
    Run again = compress("knorm", 0.6, "none");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(Files.readAllBytes(saved)).isNotEqualTo(before);
  }

  @Test
  void whatThePressSaysAndCutsThatRemoveNothingAreSaid() {
    Run window = compress("snapkv(window_size=32)", 0.9, "none");
    assertThat(window.code()).as(window.err()).isZero();
    assertThat(window.err()).containsOnlyOnce("the protected window of the last 32 tokens");
    assertThat(window.err()).doesNotContain("removed nothing");

    Run large = compressWith("--press", "knorm", "--budget", "5000", "-q");
    assertThat(large.code()).as(large.err()).isZero();
    assertThat(large.err())
        .contains("press 'knorm' removed nothing although budget=5000 was asked for");
    Run own = compressWith("--press", "h2o_simple(heavy_ratio=0.5,recent_ratio=0.5)", "-q");
    assertThat(own.err()).doesNotContain("although");
    for (String whole : List.of("baseline", "think", "decoding(knorm)")) {
      Run run = compressWith("--press", whole, "-q");
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.err()).as(whole).isEmpty();
      Run refused = compressWith("--press", whole, "--compression-ratio", "0.3", "-q");
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.err()).contains("--compression-ratio 0.3: nothing would ");
    }
  }

  @Test
  void sizesOfThePressItselfAreNotCalledARatio() {
    Run own = compressWith("--press", "minikv(heavy_ratio=0.3,recent_ratio=0.3)");
    assertThat(own.code()).as(own.err()).isZero();
    assertThat(answer("--question", "Who sang?").err())
        .contains("compressed by minikv(")
        .doesNotContain("compression_ratio");
    assertThat(compress("knorm", 0.3, "none").code()).isZero();
    assertThat(answer("--question", "Who sang?").err())
        .contains("compressed by knorm (compression_ratio=0.3),");
  }

  @Test
  void textsThatEndForWantOfPositionsSaySo() throws IOException {
    Path small = Files.createDirectories(folder.resolve("small"));
    for (String name : List.of("model.safetensors", "tokenizer.json")) {
      Files.copy(DEMO.resolve(name), small.resolve(name));
    }
    String config = Files.readString(DEMO.resolve("config.json"));
    // No end token either, so that nothing else ends the text.
    Files.writeString(
        small.resolve("config.json"),
        config
            .replace("\"max_position_embeddings\" : 4096", "\"max_position_embeddings\" : 160")
            .replace("\"eos_token_id\" : 1", "\"eos_token_id\" : 2559"));
    Run compress =
        Run.of(
            "compress",
            "--model",
            small.toString(),
            "--context",
            context.toString(),
            "--output",
            saved.toString(),
            "--cache-dir",
            folder.resolve("models").toString());
    assertThat(compress.code()).as(compress.err()).isZero();
    String end = "new tokens, since the 160 positions of model small are all taken";
    Run brief = answer("--question", "Who sang?", "-q");
    assertThat(brief.code()).as(brief.err()).isZero();
    assertThat(brief.err()).doesNotContain(end);
    Run answer = answer("--question", "Who sang?", "-q", "--max-new-tokens", "500");
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.err()).contains("of 500 " + end);
    Run generate =
        Run.of(
            "generate",
            "--model",
            small.toString(),
            "--prompt",
            "Once there was",
            "--max-new-tokens",
            "500",
            "-q",
            "--cache-dir",
            folder.resolve("models").toString());
    assertThat(generate.code()).as(generate.err()).isZero();
    assertThat(generate.err()).contains("of 500 " + end);
  }

  private Run compressWith(String... further) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "compress",
                "--model",
                DEMO.toString(),
                "--context",
                context.toString(),
                "--output",
                saved.toString(),
                "--threads",
                "1",
                "--cache-dir",
                folder.resolve("models").toString()));
    all.addAll(List.of(further));
    return Run.of(all.toArray(new String[0]));
  }

  private Run answer(String... further) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "answer",
                "--context",
                saved.toString(),
                "--threads",
                "1",
                "--cache-dir",
                folder.resolve("models").toString()));
    all.addAll(List.of(further));
    if (!all.contains("--max-new-tokens")) {
      all.addAll(List.of("--max-new-tokens", "8"));
    }
    return Run.of(all.toArray(new String[0]));
  }
}
