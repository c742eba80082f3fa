package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code generate} writes, on the demo model. */
class GenerateCommandTest extends AtHome {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROMPT = "In Kestrel there lived a graceful astronomer called Timo.";

  @TempDir static Path cache;
  @TempDir Path folder;

  private static List<String> command(String... more) {
    List<String> all = new ArrayList<>(List.of("generate", "--cache-dir", cache.toString()));
    all.addAll(List.of(more));
    return all;
  }

  private static Run generate(String... more) {
    return Run.of(command(more).toArray(new String[0]));
  }

  private static String text(String... more) {
    List<String> all = new ArrayList<>(List.of("--prompt", PROMPT, "--max-new-tokens", "30"));
    all.addAll(List.of(more));
    Run run = generate(all.toArray(new String[0]));
    assertThat(run.code()).as(run.err()).isZero();
    return run.out();
  }

  @Test
  void drawsBySeedAndTakesTheLikeliestWithoutATemperature() {
    String plain = text();
    assertThat(text("--temperature", "0", "--seed", "3")).isEqualTo(plain);
    assertThat(text("--temperature", "2", "--top-k", "1")).isEqualTo(plain);
    String[] drawn = {"--temperature", "1.4", "--top-p", "0.99", "--min-p", "0.001", "--seed", "3"};
    assertThat(text(drawn)).isEqualTo(text(drawn)).isNotEqualTo(plain);
    drawn[drawn.length - 1] = "4";
    assertThat(text(drawn)).isNotEqualTo(text("--temperature", "1.4", "--seed", "3"));
    assertThat(text("--repetition-penalty", "1.8")).isNotEqualTo(plain);
  }

  @Test
  void endsBeforeTheFirstStop() {
    String plain = text().stripTrailing();
    String stop = plain.substring(20, 24);
    assertThat(text("--stop", "\u0001", stop))
        .isEqualTo(plain.substring(0, plain.indexOf(stop)) + System.lineSeparator());
  }

  @Test
  void tellsAllInOneObject() throws Exception {
    String plain = text();
    JsonNode all = JSON.readTree(text("--format", "json", "--log-probabilities", "2"));
    assertThat(all.get("text").textValue() + System.lineSeparator()).isEqualTo(plain);
    assertThat(all.get("finish").textValue()).isEqualTo("max_tokens");
    assertThat(all.get("seed").isNull()).isTrue();
    assertThat(all.get("usage").get("generated_tokens").intValue()).isEqualTo(30);
    assertThat(all.get("tokens")).hasSize(30);
    StringBuilder spelled = new StringBuilder();
    for (JsonNode token : all.get("tokens")) {
      assertThat(token.get("text_offset").intValue()).isEqualTo(spelled.length());
      spelled.append(token.get("text").textValue());
      JsonNode likeliest = token.get("alternatives").get(0);
      assertThat(token.get("alternatives")).hasSize(2);
      assertThat(likeliest.get("id")).isEqualTo(token.get("id"));
      assertThat(likeliest.get("log_probability")).isEqualTo(token.get("log_probability"));
      assertThat(token.get("log_probability").doubleValue()).isNegative();
    }
    assertThat(spelled.toString()).isEqualTo(all.get("text").textValue());
    JsonNode drawn = JSON.readTree(text("--format", "json", "--temperature", "1", "--stop", "a"));
    assertThat(drawn.get("seed").intValue()).isEqualTo(42);
    assertThat(drawn.get("tokens").get(0).has("log_probability")).isFalse();
  }

  @Test
  void answersAConversation() throws Exception {
    Path template = folder.resolve("t.jinja");
    Files.writeString(
        template,
        "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant: ");
    Path messages = folder.resolve("m.json");
    Files.writeString(
        messages, JSON.writeValueAsString(List.of(Map.of("role", "user", "content", PROMPT))));
    String file = template.toString();
    Run chat =
        generate(
            "--messages", messages.toString(), "--chat-template", file, "--max-new-tokens", "12");
    assertThat(chat.code()).as(chat.err()).isZero();
    Run prompt = generate("--prompt", PROMPT, "--chat-template", file, "--max-new-tokens", "12");
    assertThat(chat.out()).isEqualTo(prompt.out()).isNotBlank();
    assertThat(generate("--messages", messages.toString()).err())
        .contains("has no chat template, so it takes no conversations");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}| expected a JSON list of messages, found {}",
        "[]| expected a JSON list of messages, found []",
        "[1]| message 1: expected an object with role and content, found 1",
        "[{\"role\":\"user\"}]| message 1: content: expected a text, found nothing",
        "[{\"role\":\"\",\"content\":\"a\"}]| message 1: role: expected one of [assistant, system, user] (tools are not served), found",
        "[{\"role\":\"tool\",\"content\":\"a\"}]| message 1: role: expected one of [assistant, system, user] (tools are not served), found",
        "[{\"role\":\"user\",\"content\":\"a\",\"name\":\"x\"}]| found the field \"name\"",
        "[{\"role\":\"user\",\"content\":[]}]| content: expected a text, found []",
        "[{\"role\":\"a\",\"role\":\"b\",\"content\":\"\"}]| Duplicate field",
        "[| is no JSON",
        "[] []| is no JSON",
      })
  void refusesWhatIsNoConversation(String json, String message) throws Exception {
    Path messages = folder.resolve("m.json");
    Files.writeString(messages, json);
    Run run = generate("--messages", messages.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--compression-ratio 0.5| --compression-ratio 0.5: nothing would be removed, since the baseline keeps everything",
        "--budget 20| --budget 20: nothing would be removed, since the baseline keeps everything",
        "--kv-bits 4 --compression-ratio 0.5| --compression-ratio 0.5: nothing would change, since 'quantized(baseline,bits=4)' follows no budget",
        "--press dms(h2o) --budget 9| --budget 9: nothing would change, since 'dms(h2o)' follows no budget",
        "--threshold 0.1| --threshold: expected a dms among the presses, found none",
        "--press knorm --budget 9 --sliding-window-size 4| --sliding-window-size: expected a dms among the presses",
        "--press dms(h2o) --thresholds knorm=0.1| --thresholds: expected a dms around knorm among the presses",
        "--press dms(knorm) --threshold 1 2| --threshold: expected one, found 1, 2",
      })
  void refusesWhatWouldDoNothing(String arguments, String message) {
    List<String> all = new ArrayList<>(List.of("--prompt", "a"));
    all.addAll(List.of(arguments.split(" ")));
    Run run = generate(all.toArray(String[]::new));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(run.errors()).hasSize(1);
  }

  @Test
  void asManyNewTokensAsAnIntHoldsMayBeAsked() {
    Run run = generate("--prompt", PROMPT, "--max-new-tokens", "2147483647", "--stop", " ");
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void aRatioOfNothingAndOptionsThatAPressHeedsAreTaken() {
    assertThat(generate("--prompt", PROMPT, "--compression-ratio", "0", "--max-new-tokens", "2"))
        .matches(run -> run.code() == 0, "code 0");
    Run dms =
        generate(
            "--prompt",
            PROMPT,
            "--press",
            "dms(knorm)",
            "--thresholds",
            "knorm=-9",
            "--sliding-window-size",
            "2",
            "--max-new-tokens",
            "2");
    assertThat(dms.code()).as(dms.err()).isZero();
  }

  @Test
  void saysAllThatIsWrongAtOnce() {
    Run run =
        generate(
            "--prompt",
            "a",
            "--messages",
            "nowhere.json",
            "--chat-template",
            "none",
            "--top-p",
            "0.9",
            "--min-p",
            "1.5",
            "--repetition-penalty",
            "0",
            "--log-probabilities",
            "3",
            "--time-limit",
            "-1",
            "--stop",
            "",
            "--format",
            "xml");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            "give --prompt or --messages, not both",
            "--messages: expected a chat template, found --chat-template none",
            "nowhere.json does not exist",
            "--top-p: changes nothing while the likeliest token is always taken",
            "--min-p: expected a share in [0, 1], found '1.5'",
            "--repetition-penalty: expected a number above 0, found '0'",
            "--log-probabilities: expected --format json with it",
            "--time-limit: expected a number of seconds above 0, found '-1'",
            "a stop string is empty",
            "--format: unknown value 'xml'");
    assertThat(generate("--prompt", "a", "--temperature", "NaN").err())
        .contains("--temperature: expected a number of at least 0, found 'NaN'");
  }

  @Test
  void endsWhenItsTimeIsOver() throws Exception {
    Run run =
        generate(
            "--prompt",
            PROMPT,
            "--max-new-tokens",
            "3000",
            "--time-limit",
            "0.05",
            "--format",
            "json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(JSON.readTree(run.out()).get("finish").textValue()).isEqualTo("time_limit");
    assertThat(run.err()).contains("of 3,000 new tokens, since the time of 0.05 s is over");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void anInterruptLeavesWhatWasWritten() throws Exception {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC"));
    line.add("-Dkvpress.home=" + System.getProperty("kvpress.home"));
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    line.addAll(command("--prompt", PROMPT, "--max-new-tokens", "4000"));
    Path errors = folder.resolve("err.txt");
    ProcessBuilder builder = new ProcessBuilder(line).redirectError(errors.toFile());
    Process process = builder.start();
    try (InputStream out = process.getInputStream()) {
      byte[] first = out.readNBytes(40);
      assumeThat(process.isAlive()).isTrue();
      new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();
      String text =
          new String(first, StandardCharsets.UTF_8)
              + new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(text).endsWith(System.lineSeparator());
      assertThat(Files.readString(errors))
          .contains("of 4,000 new tokens, since it was stopped", "new tokens in");
    } finally {
      process.destroyForcibly();
    }
  }
}
