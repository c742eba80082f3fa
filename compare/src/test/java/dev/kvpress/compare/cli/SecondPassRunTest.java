package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Presses that read the context again, through the commands and on the demo model. */
class SecondPassRunTest {
  private static final String ROOT = System.getProperty("kvpress.root", ".");
  private static final String DEMO = ROOT + "/test-data/models/demo";

  @TempDir Path folder;

  @Test
  void whatASecondPassCostsStandsInTableAndResults() throws IOException {
    Run run =
        Run.of(
            "--model",
            DEMO,
            "--data-path",
            ROOT + "/test-data/datasets/stories.jsonl",
            "--methods",
            "kvzip",
            "kvcompose",
            "knorm",
            "--compression-ratio",
            "0.5",
            "--max-samples",
            "1",
            "--max-length",
            "200",
            "--cache-dir",
            folder.resolve("cache").toString(),
            "--output",
            folder.resolve("out").toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("second pass ms (tokens)");
    JsonNode cells =
        new ObjectMapper().readTree(folder.resolve("out/results.json").toFile()).get("cells");
    int context = 0;
    for (JsonNode cell : cells) {
      boolean again = cell.get("method").asText().startsWith("kv");
      assertThat(cell.get("second_pass_ms").isNumber()).as(cell.toString()).isEqualTo(again);
      assertThat(cell.get("second_pass_tokens").isNumber()).isEqualTo(again);
      if (cell.get("method").asText().equals("kvcompose")) {
        context = cell.get("second_pass_tokens").asInt();
        assertThat(context).isBetween(50, 200);
        assertThat(cell.get("second_pass_ms").asDouble()).isPositive();
      }
    }
    JsonNode kvzip = cells.get(1);
    assertThat(kvzip.get("method").asText()).isEqualTo("kvzip");
    // The request to repeat and a line end stand before the context.
    assertThat(kvzip.get("second_pass_tokens").asInt()).isBetween(context + 5, context + 60);
    assertThat(Files.readString(folder.resolve("out/results.csv"))).contains(",second_pass_ms,");
  }

  @Test
  void restoreTokensPassInAComparison() throws IOException {
    Path tokens = restoreTokens(Files.createDirectory(folder.resolve("tokens")));
    Run run =
        Run.of(
            "--model",
            DEMO,
            "--data-path",
            ROOT + "/test-data/datasets/stories.jsonl",
            "--methods",
            "kvzip",
            "restorekv",
            "--auxiliary",
            tokens.toString(),
            "--compression-ratio",
            "0.5",
            "--max-samples",
            "1",
            "--max-length",
            "200",
            "--cache-dir",
            folder.resolve("cache").toString(),
            "--output",
            folder.resolve("restored").toString());

    assertThat(run.code()).as(run.err() + run.out()).isZero();
    JsonNode cells =
        new ObjectMapper().readTree(folder.resolve("restored/results.json").toFile()).get("cells");
    JsonNode zip = cells.get(1);
    JsonNode restored = cells.get(2);
    assertThat(restored.get("method").asText()).isEqualTo("restorekv");
    assertThat(restored.get("second_pass_tokens").asInt())
        .isEqualTo(zip.get("second_pass_tokens").asInt() + 2);
    assertThat(restored.get("kv_bytes_logical").asLong())
        .isEqualTo(zip.get("kv_bytes_logical").asLong());
  }

  @Test
  void compressRefusesRestoreTokensBeforeItReads() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), "In Marrow there lived a tanner.");
    Run run =
        Run.of(
            "compress",
            "--model",
            DEMO,
            "--context",
            text.toString(),
            "--press",
            "restorekv",
            "--compression-ratio",
            "0.5",
            "--output",
            folder.resolve("saved.safetensors").toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--press: restorekv lets trained tokens pass");
  }

  /** Two tokens and an adapter of rank 1 for the demo model. */
  private static Path restoreTokens(Path folder) throws IOException {
    write(folder.resolve("restore_embeddings.safetensors"), "restore_embeddings", 2, 192);
    Map<String, long[]> parts = new LinkedHashMap<>();
    String query = "base_model.model.model.layers.1.self_attn.q_proj.lora_";
    parts.put(query + "A.weight", new long[] {1, 192});
    parts.put(query + "B.weight", new long[] {192, 1});
    write(folder.resolve("adapter_model.safetensors"), parts);
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{\"peft_type\":\"LORA\",\"r\":1,\"lora_alpha\":1,\"target_modules\":[\"q_proj\"]}");
    return folder;
  }

  private static void write(Path file, String name, long... shape) throws IOException {
    write(file, Map.of(name, shape));
  }

  private static void write(Path file, Map<String, long[]> tensors) throws IOException {
    StringBuilder header = new StringBuilder("{");
    int end = 0;
    for (Map.Entry<String, long[]> tensor : tensors.entrySet()) {
      int begin = end;
      end += (int) (tensor.getValue()[0] * tensor.getValue()[1] * Float.BYTES);
      header
          .append(begin == 0 ? "" : ",")
          .append(
              "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                  .formatted(tensor.getKey(), Arrays.toString(tensor.getValue()), begin, end));
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + json.length + end).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (int i = 0; i < end / Float.BYTES; i++) {
      bytes.putFloat((float) Math.sin(i) / 10);
    }
    Files.write(file, bytes.array());
  }

  @Test
  void generateSaysWhatWasReadAgain() {
    Run run =
        Run.of(
            "generate",
            "--model",
            DEMO,
            "--prompt",
            "In Marrow there lived a hungry tanner called Asta, known for skill and honesty.",
            "--press",
            "kvzip_plus",
            "--compression-ratio",
            "0.5",
            "--max-new-tokens",
            "3",
            "--cache-dir",
            folder.resolve("cache").toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).containsPattern("second pass of \\d+ tokens [0-9.]+ ms, 50.0 %");
  }

  @Test
  void recordedLayersCannotBeReadAgain() {
    String layer =
        "{\"press\":\"kvzip\",\"compression_ratio\":0.5,\"inputs\":{\"keys\":[[[[1,2],[3,4]]]],\"values\":[[[[1,2],[3,4]]]]}}";
    Run run = Run.withInput(layer, "score", "--batch", "-");
    assertThat(run.out() + run.err())
        .contains("press kvzip lets the model read the context a second time", "use it in compare");
  }
}
