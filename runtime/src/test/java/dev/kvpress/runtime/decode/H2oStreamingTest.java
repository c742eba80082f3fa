package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.testdata.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole attention layers of the H2O repository through the runtime: its {@code real_drop} variant
 * is true positions, its {@code streaming} variant rolled ones. The model is one layer with the
 * weights of the golden case, made so that its attention reads the hidden states as they are and
 * its logits tell the attention's output.
 */
class H2oStreamingTest {
  private static final double TOLERANCE = 2e-5;
  private static final int HIDDEN = 40;

  /** Channel that makes all embeddings equally long, so that the norm changes nothing. */
  private static final int FILLER = 16;

  private static final int OUTPUT = FILLER + 1;

  @TempDir static Path folder;

  private static JsonNode given;
  private static JsonNode streaming;
  private static float[][] hidden;
  private static double length;

  @BeforeAll
  static void writeModel() throws IOException {
    given = Golden.load("h2o_realdrop_layer").get("cases").get(0);
    Path file = Path.of("../test-data/reference/rolled/h2o-streaming.json");
    streaming = JsonMapper.builder().build().readTree(file.toFile());
    hidden = new float[given.get("hidden_states").size()][];
    for (int t = 0; t < hidden.length; t++) {
      hidden[t] = Golden.floats(given.get("hidden_states").get(t));
      length = Math.max(length, 2 * squares(hidden[t]));
    }
    model().write(folder.resolve("model"));
  }

  private static TinyCheckpoint model() {
    TinyCheckpoint model = TinyCheckpoint.of("LlamaForCausalLM", 2, false);
    String layer = "model.layers.0.";
    for (String name : List.of("input_layernorm", "post_attention_layernorm", "self_attn.q_proj")) {
      model.remove("model.layers.1." + name + ".weight");
    }
    for (String name : List.of("self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj")) {
      model.remove("model.layers.1." + name + ".weight");
    }
    for (String name : List.of("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")) {
      model.remove("model.layers.1." + name + ".weight");
      boolean down = name.endsWith("down_proj");
      model.tensor(
          layer + name + ".weight", new float[48 * HIDDEN], down ? HIDDEN : 48, down ? 48 : HIDDEN);
    }
    model
        .config("hidden_size", Integer.toString(HIDDEN))
        .config("num_hidden_layers", "1")
        .config("num_attention_heads", "2")
        .config("rms_norm_eps", "1e-12")
        .tensor("model.embed_tokens.weight", embeddings(), 40, HIDDEN)
        .tensor(layer + "input_layernorm.weight", constant(Math.sqrt(length / HIDDEN)), HIDDEN)
        .tensor(layer + "post_attention_layernorm.weight", constant(1), HIDDEN)
        .tensor("model.norm.weight", constant(1), HIDDEN)
        .tensor(layer + "self_attn.o_proj.weight", outputProjection(), HIDDEN, 16)
        .tensor("lm_head.weight", reading(), 40, HIDDEN);
    for (String name : List.of("q_proj", "k_proj", "v_proj")) {
      model.tensor(layer + "self_attn." + name + ".weight", projection(name), 16, HIDDEN);
    }
    return model;
  }

  private static double squares(float[] vector) {
    double sum = 0;
    for (float x : vector) {
      sum += (double) x * x;
    }
    return sum;
  }

  private static double filler(int token) {
    return Math.sqrt(length - squares(hidden[token]));
  }

  private static float[] constant(double value) {
    float[] values = new float[HIDDEN];
    Arrays.fill(values, (float) value);
    return values;
  }

  private static float[] embeddings() {
    float[] table = new float[40 * HIDDEN];
    for (int t = 0; t < hidden.length; t++) {
      System.arraycopy(hidden[t], 0, table, t * HIDDEN, hidden[t].length);
      table[t * HIDDEN + FILLER] = (float) filler(t);
    }
    return table;
  }

  private static float[] projection(String name) {
    float[] matrix = new float[16 * HIDDEN];
    for (int row = 0; row < 16; row++) {
      float[] own = Golden.floats(given.at("/weights/" + name).get(row));
      System.arraycopy(own, 0, matrix, row * HIDDEN, own.length);
    }
    return matrix;
  }

  private static float[] outputProjection() {
    float[] matrix = new float[HIDDEN * 16];
    for (int row = 0; row < 16; row++) {
      float[] own = Golden.floats(given.at("/weights/o_proj").get(row));
      System.arraycopy(own, 0, matrix, (OUTPUT + row) * 16, own.length);
    }
    return matrix;
  }

  /** Logits 0 to 15 are the attention's output, 16 the filler, all times one factor. */
  private static float[] reading() {
    float[] matrix = new float[40 * HIDDEN];
    for (int i = 0; i < 16; i++) {
      matrix[i * HIDDEN + OUTPUT + i] = 1;
    }
    matrix[16 * HIDDEN + FILLER] = 1;
    return matrix;
  }

  @Test
  void realDropIsTruePositions() {
    assertReproduced(given, Positions.TRUE);
  }

  @Test
  void streamingIsRolledPositions() {
    assertReproduced(streaming, Positions.ROLLED);
  }

  private static void assertReproduced(JsonNode wanted, Positions positions) {
    int heavy = given.at("/params/hh_size").asInt();
    int recent = given.at("/params/recent_size").asInt();
    Watching press =
        new Watching(
            (Press)
                PressCatalog.load()
                    .make("h2o(hh_size=%d,recent_size=%d,normalize=false)".formatted(heavy, recent))
                    .press());
    try (DecoderModel model =
            DecoderModel.open(
                folder.resolve("model"), DecodeFixtures.cpu(1, folder.resolve("cache")));
        Context context = model.start(1, press.needs(), positions)) {
      int token = 0;
      for (JsonNode step : wanted.get("trace")) {
        int[] ids = new int[step.get("q_len").asInt()];
        for (int q = 0; q < ids.length; q++) {
          ids[q] = token + q;
        }
        press.expected = step.get("attn_weights");
        Logits logits = context.forward(ids);
        assertOutput(logits, token, step.get("attn_output"));
        context.compress(press, Budget.FULL);
        for (int h = 0; h < 2; h++) {
          assertThat(context.positions(0, 0, h)).isEqualTo(Golden.ints(step.get("kept").get(h)));
        }
        token += ids.length;
      }
      assertThat(token).isEqualTo(hidden.length);
    }
  }

  private static void assertOutput(Logits logits, int first, JsonNode output) {
    for (int q = 0; q < logits.rows(); q++) {
      double factor = filler(first + q) / logits.get(q, 16);
      float[] expected = Golden.floats(output.get(q));
      for (int i = 0; i < expected.length; i++) {
        assertThat(Math.abs(logits.get(q, i) * factor - expected[i]))
            .as("output %d of token %d", i, first + q)
            .isLessThan(TOLERANCE * (1 + Math.abs(expected[i])));
      }
    }
  }

  /** Looks at the attention of a step before H2O cuts behind it. */
  private static final class Watching implements Press {
    private final Press h2o;
    private JsonNode expected;

    Watching(Press h2o) {
      this.h2o = h2o;
    }

    @Override
    public CacheEdit compress(LayerSignals layer, Budget budget) {
      FloatTensor attention = layer.attentionMatrix();
      for (int h = 0; h < expected.size(); h++) {
        for (int q = 0; q < expected.get(h).size(); q++) {
          float[] row = Golden.floats(expected.get(h).get(q));
          for (int j = 0; j < row.length; j++) {
            int at = (h * attention.size(2) + q) * attention.size(3) + j;
            assertThat((double) attention.get(at))
                .as("head %d query %d slot %d", h, q, j)
                .isCloseTo(row[j], offset(TOLERANCE));
          }
        }
      }
      return h2o.compress(layer, budget);
    }

    @Override
    public Set<Signal> needs() {
      return Signal.union(List.of(h2o.needs(), Set.of(new Signal.AttentionMatrix())));
    }

    @Override
    public Set<Phase> phases() {
      return EnumSet.allOf(Phase.class);
    }
  }
}
