package dev.kvpress.runtime.export.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.JsonFile;
import dev.kvpress.runtime.graph.attention.AlibiBias;
import dev.kvpress.runtime.graph.attention.AttentionShape;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What config.json may say of each architecture, and what absent fields mean. */
class ArchitectureConfigTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Sizes of each, as its files name them. */
  private static final Map<String, String> SIZES =
      Map.of(
          "GPTNeoXForCausalLM",
          "'hidden_size':32,'num_hidden_layers':2,'num_attention_heads':4,'intermediate_size':8,'vocab_size':9",
          "OPTForCausalLM",
          "'hidden_size':32,'num_hidden_layers':2,'num_attention_heads':4,'ffn_dim':8,'vocab_size':9",
          "Phi3ForCausalLM",
          "'hidden_size':32,'num_hidden_layers':2,'num_attention_heads':4,'intermediate_size':8,'vocab_size':9",
          "Starcoder2ForCausalLM",
          "'hidden_size':32,'num_hidden_layers':2,'num_attention_heads':4,'intermediate_size':8,'vocab_size':9",
          "BloomForCausalLM",
          "'hidden_size':32,'n_layer':2,'n_head':4,'vocab_size':9",
          "MptForCausalLM",
          "'d_model':32,'n_layers':2,'n_heads':4,'vocab_size':9",
          "GPTJForCausalLM",
          "'n_embd':32,'n_layer':2,'n_head':4,'vocab_size':9,'n_positions':64,'rotary_dim':4",
          "FalconForCausalLM",
          "'hidden_size':32,'num_hidden_layers':2,'num_attention_heads':4,'vocab_size':9",
          "StableLmForCausalLM",
          "'hidden_size':32,'num_hidden_layers':2,'num_attention_heads':4,'num_key_value_heads':2,'intermediate_size':8,'vocab_size':9",
          "GPTBigCodeForCausalLM",
          "'n_embd':32,'n_layer':2,'n_head':4,'vocab_size':9,'n_positions':64");

  private static Architecture read(String name, String more) {
    try {
      String fields = SIZES.get(name) + (more.isEmpty() ? "" : "," + more);
      ObjectNode json = (ObjectNode) JSON.readTree(("{" + fields + "}").replace('\'', '"'));
      json.putArray("architectures").add(name);
      return Architectures.read(JsonFile.of("config.json", json), tensor -> false);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GPTNeoXForCausalLM | 'rotary_pct':0.25,'partial_rotary_factor':0.5 | both mean the same",
        "GPTNeoXForCausalLM | 'rotary_emb_base':10000,'rope_theta':500 | both mean the same",
        "GPTNeoXForCausalLM | 'rotary_pct':0.1 | rotary embedding turns pairs",
        "GPTNeoXForCausalLM | 'hidden_act':'mish' | hidden_act mish is not supported",
        "GPTNeoXForCausalLM | 'layer_norm_eps':0 | layer_norm_eps must be in (0, 1)",
        "GPTNeoXForCausalLM | 'head_dim':16 | head_dim is not understood",
        "OPTForCausalLM | 'word_embed_proj_dim':0 | word_embed_proj_dim must be in [1",
        "OPTForCausalLM | 'sliding_window':4 | sliding_window is not understood",
        "Phi3ForCausalLM | 'rope_scaling':{'type':'longrope','short_factor':[1],'long_factor':[1,1,1,1]} | one number for each of 4",
        "Phi3ForCausalLM | 'attention_bias':true | attention_bias true is not supported",
        "Phi3ForCausalLM | 'full_attn_mod':2 | full_attn_mod 2.0 is not supported",
        "Starcoder2ForCausalLM | 'norm_type':'rms_norm' | norm_type rms_norm is not supported",
        "Starcoder2ForCausalLM | 'norm_epsilon':1e-5,'layer_norm_epsilon':1e-6 | both mean the same",
        "BloomForCausalLM | 'n_inner':64 | n_inner 64.0 is not supported",
        "BloomForCausalLM | 'n_embed':16 | both mean the same",
        "MptForCausalLM | 'attn_config':{'alibi':false} | alibi false is not supported",
        "MptForCausalLM | 'attn_config':{'alibi_bias_max':16} | alibi_bias_max 16.0 is not supported",
        "MptForCausalLM | 'attn_config':{'qk_ln':true} | qk_ln true is not supported",
        "MptForCausalLM | 'attn_config':{'attn_type':'multiquery_attention'} | attn_type multiquery_attention",
        "MptForCausalLM | 'attn_config':{'sliding_window_size':8} | sliding_window_size is not understood",
        "MptForCausalLM | 'attn_config':{'clip_qkv':0} | clip_qkv must be positive",
        "MptForCausalLM | 'no_bias':false | no_bias false is not supported",
        "MptForCausalLM | 'logit_scale':2 | logit_scale 2 is not supported",
        "MptForCausalLM | 'expansion_ratio':16777216 | expansion_ratio times the hidden size",
        "GPTJForCausalLM | 'rotary':false | rotary false is not supported",
        "GPTJForCausalLM | 'scale_attn_weights':false | scale_attn_weights false is not supported",
        "FalconForCausalLM | 'new_decoder_architecture':true,'parallel_attn':false | parallel_attn false",
        "FalconForCausalLM | 'num_ln_in_parallel_attn':2 | num_ln_in_parallel_attn 2",
        "FalconForCausalLM | 'multi_query':false,'num_kv_heads':2 | num_kv_heads 2",
        "FalconForCausalLM | 'new_decoder_architecture':true,'num_kv_heads':3 | multiple of the KV heads",
        "FalconForCausalLM | 'apply_residual_connection_post_layernorm':true | is not supported",
        "StableLmForCausalLM | 'head_dim':16 | head_dim 16 is not supported",
        "StableLmForCausalLM | 'partial_rotary_factor':0 | rotary embedding turns pairs",
        "GPTBigCodeForCausalLM | 'num_key_value_heads':2 | num_key_value_heads 2.0",
        "GPTBigCodeForCausalLM | 'add_cross_attention':true | add_cross_attention true",
      })
  void whatWouldChangeTheNumbersIsRefusedByName(String name, String more, String message) {
    assertThatThrownBy(() -> read(name, more))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Fields of files on the hub that the original code does not read, or whose value is usual.
        "GPTNeoXForCausalLM | 'rotary_emb_base':10000,'rope_theta':10000.0,'hidden_dropout_prob':0",
        "OPTForCausalLM | '_remove_final_layer_norm':false,'prefix':'x','layerdrop':0.0",
        "Phi3ForCausalLM | 'full_attn_mod':1,'interpolate_factor':1,'lm_head_bias':false,'mlp_bias':false,'sliding_window':2047",
        "Starcoder2ForCausalLM | 'activation_function':'gelu_pytorch_tanh','layer_norm_epsilon':1e-05,'mlp_type':'default','norm_type':'layer_norm','scale_attn_weights':true,'attention_softmax_in_fp32':true",
        "BloomForCausalLM | 'n_inner':null,'offset_alibi':100,'seq_length':2048,'masked_softmax_fusion':true,'num_attention_heads':4",
        "MptForCausalLM | 'learned_pos_emb':true,'init_config':{'name':'x'},'attn_config':{'alibi':true,'attn_impl':'triton','clip_qkv':null,'attn_pdrop':0}",
        "GPTJForCausalLM | 'rotary':true,'n_ctx':2048,'n_inner':null,'scale_attn_weights':true",
        "FalconForCausalLM | 'alibi':true,'rope_theta':10000.0,'rope_scaling':null",
        "StableLmForCausalLM | 'norm_eps':1e-05,'rope_pct':0.25",
        "GPTBigCodeForCausalLM | 'multi_query':true,'inference_runner':0,'max_batch_size':null",
      })
  void whatLeavesTheNumbersAloneIsTaken(String name, String more) {
    assertThat(read(name, more).config().layers()).isEqualTo(2);
  }

  @Test
  void absentFieldsMeanWhatTheConfigurationClassesMean() {
    DecoderConfig neox = read("GPTNeoXForCausalLM", "").config();
    assertThat(neox.rope(0).orElseThrow().pairs()).isEqualTo(1);
    assertThat(neox.maxPositions()).isEqualTo(2048);
    assertThat(read("Starcoder2ForCausalLM", "").config().kvHeads()).isEqualTo(2);
    assertThat(read("FalconForCausalLM", "").config().kvHeads()).isEqualTo(1);
    assertThat(read("GPTBigCodeForCausalLM", "").config().kvHeads()).isEqualTo(1);
    AttentionShape bloom = read("BloomForCausalLM", "").config().plan().get(0).attention();
    assertThat(bloom.alibiBias()).isEqualTo(AlibiBias.OF_DISTANCE);
    assertThat(bloom.fusable()).isFalse();
    AttentionShape falcon =
        read("FalconForCausalLM", "'alibi':true").config().plan().get(0).attention();
    assertThat(falcon.alibiBias()).isEqualTo(AlibiBias.OF_ROUNDED_POSITION);
  }

  @Test
  void phi3sOriginalLengthIs4096WhereTheFileDoesNotSay() {
    String factors = "'short_factor':[1,1,1,1],'long_factor':[2,2,2,2]";
    Rope rope =
        read(
                "Phi3ForCausalLM",
                "'max_position_embeddings':131072,'rope_scaling':{'type':'longrope',"
                    + factors
                    + "}")
            .config()
            .rope(0)
            .orElseThrow();
    assertThat(rope.frequencies(4096)[0]).isEqualTo(2 * rope.frequencies(4097)[0]);
    double factor = Math.sqrt(1 + Math.log(32) / Math.log(4096));
    assertThat(rope.attentionScaling()).isEqualTo(factor);
  }

  @Test
  void namesOfTheConfigurationClassStandForTheFilesOwn() {
    Architecture same =
        read("GPTJForCausalLM", "'hidden_size':32,'num_hidden_layers':2,'num_attention_heads':4");
    assertThat(same.config().heads()).isEqualTo(4);
  }
}
