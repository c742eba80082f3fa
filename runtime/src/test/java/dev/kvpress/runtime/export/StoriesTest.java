package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import dev.kvpress.runtime.graph.AttentionForm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A trained model, in the layouts of llama2.c and of Hugging Face. */
class StoriesTest {
  private static final long[] PROMPT = {1, 403, 407, 261, 378};

  @TempDir Path cache;

  @Test
  void bothLayoutsAreTheSameModel() throws OrtException {
    Path legacy = SharedModels.path("models/stories260K");
    ExportCache exports = ExportCache.of(cache);
    ExportedModel fromBin = exports.export(legacy.resolve("stories260K.bin"));
    ExportedModel fromFolder = exports.export(legacy);
    ExportedModel fromHf = exports.export(SharedModels.path("models/stories260K-hf"));
    assertThat(fromFolder.folder()).isEqualTo(fromBin.folder());
    try (GraphRunner bin = GraphRunner.open(fromBin.decomposed());
        GraphRunner hf = GraphRunner.open(fromHf.decomposed())) {
      assertThat(bin.pass(PROMPT).run().get("logits").data())
          .containsExactly(hf.pass(PROMPT).run().get("logits").data());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DECOMPOSED", "FUSED"})
  void greedyContinuationTellsTheKnownStory(AttentionForm form) throws IOException, OrtException {
    Path folder = SharedModels.path("models/stories260K");
    List<String> pieces = pieces(folder.resolve("tok512.bin"));
    StringBuilder story = new StringBuilder();
    try (GraphRunner runner = GraphRunner.open(ExportCache.of(cache).export(folder).graph(form))) {
      Map<String, Tensor> out = runner.pass(PROMPT).run();
      String expected =
          ", there was a little girl named Lily. She loved to play outside in the park."
              + " One day, she saw a big, red ball.";
      int position = PROMPT.length;
      while (story.length() < expected.length()) {
        int next = lastArgMax(out.get("logits"));
        story.append(pieces.get(next));
        out = runner.pass(next).positions(new long[] {position++}).after(out).run();
      }
      assertThat(story.toString()).isEqualTo(expected);
    }
  }

  private static int lastArgMax(Tensor logits) {
    int last = logits.dim(1) - 1;
    int best = 0;
    for (int v = 1; v < logits.dim(2); v++) {
      if (logits.at(0, last, v) > logits.at(0, last, best)) {
        best = v;
      }
    }
    return best;
  }

  private static List<String> pieces(Path tokenizer) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(tokenizer)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.getInt();
    List<String> pieces = new ArrayList<>();
    while (bytes.hasRemaining()) {
      bytes.getFloat();
      byte[] piece = new byte[bytes.getInt()];
      bytes.get(piece);
      pieces.add(new String(piece, StandardCharsets.UTF_8));
    }
    return pieces;
  }
}
