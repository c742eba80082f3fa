package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that also see images: their text decoder alone, or a refusal. */
class TextPartTest {
  @TempDir Path folder;
  private StoredModel model;
  private Map<String, byte[]> plain;

  @BeforeEach
  void readModel() throws IOException {
    Path source = TinyCheckpoint.of("LlamaForCausalLM", 2, false).write(folder.resolve("source"));
    model = StoredModel.read(source);
    plain = FolderVariantsTest.numbers(Checkpoint.open(model.write(folder.resolve("plain"))));
  }

  @ParameterizedTest
  @CsvSource({
    "language_model.model.,language_model.lm_head.,''",
    "model.language_model.,lm_head.,model."
  })
  void theTextDecoderIsTakenAndSaid(String decoder, String head, String vision) throws IOException {
    model.rename(n -> n.replaceFirst("^model\\.", decoder).replaceFirst("^lm_head\\.", head));
    model
        .zeros(vision + "vision_tower.encoder.layers.0.self_attn.q_proj.weight", "F16", 2, 8, 8)
        .zeros(vision + "multi_modal_projector.linear_1.bias", "F32", 4, 8);
    wrap("LlavaForConditionalGeneration", "llama");
    Checkpoint checkpoint = Checkpoint.open(model.write(folder.resolve("model")));
    assertThat(checkpoint.config().architecture()).isEqualTo("LlamaForCausalLM");
    assertThat(checkpoint.notices())
        .singleElement()
        .asString()
        .contains("LlavaForConditionalGeneration", "text without images", "2 tensors");
    assertThat(FolderVariantsTest.numbers(checkpoint)).usingRecursiveComparison().isEqualTo(plain);
  }

  @Test
  void absentFieldsOfTheInnerConfigurationMeanWhatItsClassSays() throws IOException {
    ObjectNode text = wrap("Mistral3ForConditionalGeneration", "mistral");
    // Whoever writes such files leaves out what is as the class has it.
    text.remove("rms_norm_eps");
    text.remove("num_key_value_heads");
    assertRefused("multiple of the KV heads, found 4 and 8");
    text.put("num_key_value_heads", 2);
    Checkpoint slides = Checkpoint.open(model.write(folder.resolve("model")));
    assertThat(slides.config().plan().get(0).attention().window()).isEqualTo(4096);
    text.putNull("sliding_window");
    Checkpoint whole = Checkpoint.open(model.write(folder.resolve("model")));
    assertThat(whole.config().plan().get(0).attention().window()).isZero();
  }

  @Test
  void imageTensorsHaveNoPlaceInAPlainDecoder() throws IOException {
    model.zeros("vision_tower.patch.weight", "F32", 4, 8);
    assertRefused("vision_tower.patch.weight has no place");
  }

  @Test
  void otherTensorsBesideTheDecoderAreRefused() throws IOException {
    model.zeros("audio_tower.conv.weight", "F32", 4, 8);
    wrap("LlavaForConditionalGeneration", "llama");
    assertRefused("audio_tower.conv.weight has no place");
  }

  @Test
  void otherModelsOfSeveralPartsAreRefusedByName() throws IOException {
    wrap("PaliGemmaForConditionalGeneration", "llama");
    assertRefused("PaliGemmaForConditionalGeneration is not supported", "Gemma3");
  }

  @Test
  void decodersOfOtherKindsAreRefusedByName() throws IOException {
    wrap("LlavaForConditionalGeneration", "rwkv");
    assertRefused("model_type rwkv", "LlavaForConditionalGeneration");
  }

  @Test
  void fieldsBesideTheTextPartThatNobodyKnowsAreRefused() throws IOException {
    wrap("LlavaForConditionalGeneration", "llama");
    model.config.put("logit_scale", 2);
    assertRefused("field logit_scale of LlavaForConditionalGeneration");
    model.config.remove("logit_scale");
    model.config.put("hidden_size", 32);
    assertThat(Checkpoint.open(model.write(folder.resolve("model"))).config().hidden())
        .isEqualTo(32);
    model.config.put("hidden_size", 33);
    assertRefused("field hidden_size");
  }

  @Test
  void tiedByTheOuterConfigurationAloneIsDecidedByTheTensors() throws IOException {
    ObjectNode text = wrap("LlavaForConditionalGeneration", "llama");
    text.remove("tie_word_embeddings");
    assertThat(FolderVariantsTest.numbers(Checkpoint.open(model.write(folder.resolve("model")))))
        .containsKey("lm_head.weight");
    model.remove("lm_head.weight");
    assertRefused("lm_head.weight of shape [40, 32] is missing");
    model.config.put("tie_word_embeddings", true);
    assertThat(FolderVariantsTest.numbers(Checkpoint.open(model.write(folder.resolve("model")))))
        .doesNotContainKey("lm_head.weight");
  }

  /** Moves the configuration into a text_config beside what such files have. */
  private ObjectNode wrap(String architecture, String modelType) {
    ObjectNode text = model.config.deepCopy();
    text.remove("architectures");
    text.put("model_type", modelType);
    model.config.removeAll();
    model.config.putArray("architectures").add(architecture);
    model.config.put("model_type", "llava").put("image_token_index", 3);
    model.config.put("vision_feature_layer", -2).put("projector_hidden_act", "gelu");
    model.config.putObject("vision_config").put("hidden_size", 8);
    model.config.set("text_config", text);
    return text;
  }

  private void assertRefused(String... parts) throws IOException {
    Path written = model.write(folder.resolve("model"));
    assertThatThrownBy(() -> Checkpoint.open(written))
        .isInstanceOf(ModelException.class)
        .hasMessageContainingAll(parts)
        .hasMessageNotContaining("\n");
  }
}
