package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One model as various tools would have written it: the numbers are always the same. */
class DialectTest {
  private static final int[] PROMPT = {1, 4, 2, 8, 5, 7, 3, 9, 10, 6, 0, 2};
  private static final int[] NEXT = {3, 1, 7};
  private static final ModelProto PLAIN =
      ForeignModels.model(ElementType.INT64, ElementType.FLOAT32);

  @TempDir Path folder;

  static Stream<String> dialects() {
    return variants().keySet().stream();
  }

  private static Map<String, ModelProto> variants() {
    Map<String, ModelProto> all = new LinkedHashMap<>();
    all.put(
        "past_key_0",
        DialectVariants.named(
            PLAIN, "past_key_%d", "past_value_%d", "present_key_%d", "present_value_%d"));
    all.put(
        "past_key_values_0_key",
        DialectVariants.named(
            PLAIN,
            "past_key_values_%d_key",
            "past_key_values_%d_value",
            "present_key_values_%d_key",
            "present_key_values_%d_value"));
    all.put(
        "past.0.key",
        DialectVariants.named(
            PLAIN, "past.%d.key", "past.%d.value", "present.%d.key", "present.%d.value"));
    all.put(
        "past_key_values_key_cache_0",
        DialectVariants.named(
            PLAIN,
            "past_key_values_key_cache_%d",
            "past_key_values_value_cache_%d",
            "new_key_cache_%d",
            "new_value_cache_%d"));
    all.put(
        "flattened tuples",
        DialectVariants.named(
            PLAIN,
            "past_key_values.%d.0",
            "past_key_values.%d.1",
            "present_key_values.%d.0",
            "present_key_values.%d.1"));
    all.put("stacked", DialectVariants.stacked(PLAIN, 0));
    all.put("stacked behind the batch", DialectVariants.stacked(PLAIN, 1));
    all.put("tokens before heads", DialectVariants.swapped(PLAIN, 1, 2));
    all.put("tokens last", DialectVariants.swapped(PLAIN, 2, 3));
    all.put(
        "int32 mask",
        DialectVariants.retyped(PLAIN, "attention_mask", ElementType.INT64, ElementType.INT32));
    all.put(
        "int32 ids",
        DialectVariants.retyped(PLAIN, "input_ids", ElementType.INT64, ElementType.INT32));
    all.put(
        "int32 positions",
        DialectVariants.retyped(PLAIN, "position_ids", ElementType.INT64, ElementType.INT32));
    all.put("num_logits_to_keep", DialectVariants.logitsToKeep(PLAIN));
    all.put("num_logits_to_keep [1]", DialectVariants.logitsToKeep(PLAIN, 1));
    all.put("counted", DialectVariants.counted(PLAIN));
    all.put("merged", DialectVariants.merged(PLAIN, PLAIN));
    return all;
  }

  @ParameterizedTest
  @MethodSource("dialects")
  void numbersAreThoseOfThePlainGraph(String dialect) {
    ModelPress press = press("h2o(local_window_size=2)");
    try (DecoderModel plain = open(PLAIN, "plain");
        DecoderModel model = open(variants().get(dialect), "variant");
        Context expected = plain.start(1, press.needs());
        Context found = model.start(1, press.needs())) {
      assertThat(model.info().queryHeads()).isEqualTo(4);
      assertThat(model.info().vocabulary()).isEqualTo(ForeignModels.VOCAB);
      model.requireSignals("h2o", press.needs());
      assertClose(found.prefill(PROMPT, 5), expected.prefill(PROMPT, 5), 1e-6);
      expected.compress(press, Budget.ratio(0.5));
      found.compress(press, Budget.ratio(0.5));
      for (int layer = 0; layer < DialectVariants.LAYERS; layer++) {
        assertThat(found.positions(layer, 0, 1)).isEqualTo(expected.positions(layer, 0, 1));
      }
      assertClose(found.forward(NEXT), expected.forward(NEXT), 1e-6);
    }
  }

  @Test
  void valuesOfAnotherTypeThanKeysAreWidened() {
    try (DecoderModel plain = open(PLAIN, "plain");
        DecoderModel model = open(DialectVariants.shortValues(PLAIN), "variant");
        Context expected = plain.start(1, press("knorm").needs());
        Context found = model.start(1, press("knorm").needs())) {
      assertThat(model.cacheBytesPerToken()).isEqualTo(plain.cacheBytesPerToken());
      assertClose(found.prefill(PROMPT, 5), expected.prefill(PROMPT, 5), 2e-2);
      assertClose(found.forward(NEXT), expected.forward(NEXT), 2e-2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "inputs_embeds, FLOAT32, embeddings in place of token ids",
    "encoder_hidden_states, FLOAT32, belongs to an encoder",
    "cache_indirection, INT32, beam search",
    "pixel_values, FLOAT32, pictures or sound",
    "token_type_ids, INT64, means something else in each model",
    "past_7, FLOAT32, tells neither by its name nor by its shape",
    "something_new, INT64, is unknown"
  })
  void inputsThatAreNotUnderstoodAreRefusedByName(String input, ElementType type, String reason) {
    ModelProto.Builder model = PLAIN.toBuilder();
    model.getGraphBuilder().addInput(GraphBuilder.valueInfo(input, type, "batch", "seq"));
    assertThatThrownBy(() -> open(model.build(), "variant"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("variant.onnx")
        .hasMessageContaining("input " + input)
        .hasMessageContaining(reason);
  }

  @Test
  void whatIsSaidTwiceIsRefused() {
    ModelProto.Builder model = PLAIN.toBuilder();
    model
        .getGraphBuilder()
        .addInput(GraphBuilder.valueInfo("past_key_1", ElementType.FLOAT32, "b", 2, "p", 4));
    assertThatThrownBy(() -> open(model.build(), "variant"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("both name the keys of layer 1");
  }

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  private DecoderModel open(ModelProto model, String name) {
    try {
      Path file = Files.write(folder.resolve(name + ".onnx"), model.toByteArray());
      return DecoderModel.open(file, DecoderOptions.cpu(folder));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
