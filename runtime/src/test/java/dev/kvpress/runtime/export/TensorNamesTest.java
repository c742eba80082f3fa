package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FloatDecoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which stored tensors are taken for which weights, and which are refused. */
class TensorNamesTest {
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";
  private static final String NORM = "model.norm.weight";

  @TempDir Path folder;
  private StoredModel tied;
  private StoredModel untied;

  @BeforeEach
  void readModels() throws IOException {
    tied = StoredModel.read(TinyCheckpoint.llama().write(folder.resolve("tied")));
    untied =
        StoredModel.read(
            TinyCheckpoint.of("LlamaForCausalLM", 2, false).write(folder.resolve("untied")));
  }

  @Test
  void tiedWeightsMayStandUnderEitherNameOrBoth() throws IOException {
    Map<String, byte[]> plain = numbers(tied);
    assertThat(plain).containsKey(EMBEDDING).doesNotContainKey(HEAD);
    assertThat(numbers(tied.copy(EMBEDDING, HEAD))).usingRecursiveComparison().isEqualTo(plain);
    assertThat(numbers(tied.remove(EMBEDDING))).usingRecursiveComparison().isEqualTo(plain);
    // In another format, too, as long as the numbers are the same.
    tied.copy(HEAD, EMBEDDING)
        .types(name -> name.equals(HEAD) ? FloatDecoder.F32 : FloatDecoder.BF16);
    assertThat(numbers(tied)).usingRecursiveComparison().isEqualTo(plain);
  }

  @Test
  void anOutputMatrixOfItsOwnInATiedModelIsRefused() throws IOException {
    tied.copy(EMBEDDING, HEAD).alter(HEAD);
    assertRefused(
        tied, "lm_head.weight differs from model.embed_tokens.weight", "tie_word_embeddings");
    // Somebody means it, and says so.
    tied.config.put("tie_word_embeddings", false);
    assertThat(numbers(tied)).containsKeys(EMBEDDING, HEAD);
  }

  @Test
  void anUntiedModelNeedsBoth() throws IOException {
    untied.remove(HEAD);
    assertRefused(untied, "lm_head.weight of shape [40, 32] is missing", "tie_word_embeddings");
  }

  @Test
  void whereTheConfigurationSaysNothingTheStoredOutputMatrixCounts() throws IOException {
    untied.config.remove("tie_word_embeddings");
    assertThat(numbers(untied)).containsKeys(EMBEDDING, HEAD);
    untied.remove(HEAD);
    assertThat(numbers(untied)).containsKey(EMBEDDING).doesNotContainKey(HEAD);
  }

  @Test
  void oneWeightUnderTwoNamesMustBeTheSame() throws IOException {
    Map<String, byte[]> plain = numbers(tied);
    tied.copy(NORM, "module." + NORM);
    assertThat(numbers(tied)).usingRecursiveComparison().isEqualTo(plain);
    tied.alter("module." + NORM);
    assertRefused(tied, NORM + " and module." + NORM, "differ; remove the one");
  }

  @ParameterizedTest
  @CsvSource({
    "GPT2LMHeadModel,gpt2,transformer.wte.weight,lm_head.weight",
    "GPT2Model,gpt2,wte.weight,lm_head.weight"
  })
  void gpt2IsTiedWhereNothingIsSaid(String name, String folderName, String from, String to)
      throws IOException {
    Path gpt2 = SharedModels.path("models/hf-tiny/" + folderName);
    StoredModel model = StoredModel.read(gpt2);
    Map<String, byte[]> plain = numbers(model);
    if (from.startsWith("wte")) {
      model.rename(TensorNames::key);
    }
    model.config.putArray("architectures").add(name);
    model.copy(from, to).remove(from);
    assertThat(numbers(model)).usingRecursiveComparison().isEqualTo(plain);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.layers.0.self_attn.q_proj.bias",
        "model.layers.1.mlp.gate.weight",
        "model.layers.0.extra_layernorm.weight",
        "model.embed_positions.weight",
        "lm_head.bias",
        "mtp.fc.weight",
        "exp_avg.model.norm.weight",
        "model.vision_tower.patch.weight",
        "encoder.layers.0.self_attn.q_proj.weight",
        "classifier.weight"
      })
  void whatHasNoPlaceIsRefusedByName(String name) throws IOException {
    assertRefused(tied.zeros(name, "F32", 4, 32), name, "has no place in a LlamaForCausalLM");
  }

  @Test
  void layersBeyondThoseOfTheConfigurationAreNamed() throws IOException {
    tied.copy("model.layers.1.mlp.up_proj.weight", "model.layers.2.mlp.up_proj.weight");
    assertRefused(tied, "model.layers.2.mlp.up_proj.weight belongs to layer 2", "2 (0 to 1)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.layers.0.self_attn.rotary_emb.inv_freq",
        "model.rotary_emb.inv_freq",
        "model.rotary_emb.original_inv_freq",
        "model.layers.0.self_attn.rotary_emb.cos_cached"
      })
  void tablesThatFollowFromTheConfigurationAreLeftOut(String name) throws IOException {
    tied.zeros(name, "F32", 4, 4).writeConfig(folder);
    Checkpoint checkpoint = Checkpoint.open(tied.write(folder.resolve("model")));
    assertThat(checkpoint.notices()).isEmpty();
  }

  @Test
  void causalMasksOfGpt2AreLeftOut() throws IOException {
    StoredModel model = StoredModel.read(SharedModels.path("models/hf-tiny/gpt2"));
    Map<String, byte[]> plain = numbers(model);
    model
        .zeros("transformer.h.0.attn.bias", "BOOL", 1, 1, 1, 256, 256)
        .zeros("h.1.attn.masked_bias", "F32", 4);
    assertThat(numbers(model)).usingRecursiveComparison().isEqualTo(plain);
    assertRefused(model.zeros("transformer.h.0.attn.c_attn.extra", "F32", 4, 1), "c_attn.extra");
  }

  @Test
  void aHeadThatGivesNoLogitsIsLeftOutAndSaid() throws IOException {
    tied.zeros("v_head.summary.weight", "F32", 4, 1, 32).zeros("score.weight", "F32", 4, 1, 32);
    assertThat(Checkpoint.open(tied.write(folder.resolve("model"))).notices())
        .singleElement()
        .asString()
        .contains("v_head.summary.weight", "score.weight");
  }

  @ParameterizedTest
  @CsvSource({
    "model.layers.0.self_attn.q_proj.qweight,I32,4,GPTQ",
    "model.layers.0.self_attn.q_proj.weight.absmax,F32,4,bitsandbytes",
    "model.layers.0.self_attn.q_proj.weight.quant_state.bitsandbytes__nf4,U8,1,bitsandbytes",
    "model.layers.0.self_attn.q_proj.SCB,F32,4,bitsandbytes",
    "model.layers.0.self_attn.q_proj.weight_scale_inv,F32,4,FP8",
    "model.layers.0.self_attn.q_proj.weight_packed,I32,4,compressed-tensors",
    "model.layers.0.mlp.experts.gate_up_proj_blocks,U8,1,MXFP4",
    "model.layers.0.self_attn.q_proj.scales,F16,2,scales"
  })
  void quantizedWeightsAreNamedWithTheirKind(String name, String type, int bytes, String kind)
      throws IOException {
    // As such files are: what stands for a weight is there, and the weight itself is not.
    tied.remove("model.layers.0.self_attn.q_proj.weight").zeros(name, type, bytes, 8);
    assertRefused(tied, name, "quantized", kind, "use the original");
  }

  @ParameterizedTest
  @CsvSource({
    "F64,8,F32",
    "F8_E4M3,1,quantized",
    "I8,1,quantized",
    "U8,1,quantized",
    "I32,4,quantized"
  })
  void numbersOfOtherFormatsAreRefusedWithAdvice(String type, int bytes, String advice)
      throws IOException {
    tied.zeros(NORM, type, bytes, 32);
    assertRefused(tied, NORM, "F32, F16 or BF16, found " + type, advice);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
        "base_model.model.model.layers.0.self_attn.q_proj.base_layer.weight",
        "model.layers.0.self_attn.q_proj.lora_B.default.weight"
      })
  void adaptersAreRefusedByName(String name) throws IOException {
    assertRefused(tied.zeros(name, "F32", 4, 8, 32), name, "merge_and_unload");
  }

  private Map<String, byte[]> numbers(StoredModel model) throws IOException {
    return FolderVariantsTest.numbers(Checkpoint.open(model.write(folder.resolve("model"))));
  }

  private void assertRefused(StoredModel model, String... parts) throws IOException {
    Path written = model.write(folder.resolve("model"));
    assertThatThrownBy(() -> Checkpoint.open(written))
        .isInstanceOf(ModelException.class)
        .hasMessageContainingAll(parts)
        .hasMessageNotContaining("\n");
  }
}
