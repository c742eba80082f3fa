package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.file.JsonFile;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * gpt-oss (arXiv 2508.10925): experts with biases in every layer, a learned score of each head that
 * belongs to no token, and a sliding window in every other layer.
 */
final class GptOss extends Llama {
  private static final LlamaDefaults DEFAULTS =
      LlamaDefaults.LLAMA.kvHeads(8).headSize(64).maxPositions(131_072).eps(1e-5).theta(150_000);

  /** Slope of the gate's sigmoid, and where gate and up are cut off; the same in every model. */
  private static final float ALPHA = 1.702f;

  private static final double LIMIT = 7;

  private final SparseExperts.Routing routing;

  GptOss(ConfigReader config, CheckpointFacts facts) {
    super(config, facts, DEFAULTS);
    int experts = size(config, "num_local_experts", 128);
    // The first files say the same under a second name.
    int chosen = size(config, "num_experts_per_tok", size(config, "experts_per_token", 4));
    routing = new SparseExperts.Routing(experts, chosen, true);
    config.require("attention_bias", true);
    config.require("swiglu_limit", LIMIT);
    config.require("hidden_act", "silu");
  }

  @Override
  RopeReader ropeReader() {
    return super.ropeReader()
        .defaultScaling(
            JsonFile.of(
                config.place(),
                JsonFile.parseObject(
                    """
                    {"rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0,
                     "truncate": false, "original_max_position_embeddings": 4096}
                    """
                        .getBytes(StandardCharsets.UTF_8),
                    config.place(),
                    "the usual scaling")));
  }

  @Override
  List<LayerPlan> plan() {
    int window = Windows.size(config, 128);
    return eachLayer(
        layers,
        layer -> {
          int own = Windows.ofLayer(config, layer, layers, window, layer % 2 == 0);
          return new LayerPlan(attentionShape().withSinks().withWindow(own), 0);
        });
  }

  @Override
  boolean queryKeyValueBias() {
    return true;
  }

  @Override
  boolean outputBias() {
    return true;
  }

  @Override
  String attend(BlockWriter block, String queries, String keys, String values) {
    return block.attend(queries, keys, values, block.weight("self_attn.sinks", heads));
  }

  @Override
  String feedForward(BlockWriter block, int layer, String x) {
    int count = routing.experts();
    String scores = block.choice("mlp.router", x, "mlp.router", count, hidden, true);
    String experts = "mlp.experts.";
    String in = block.declare(experts + "gate_up_proj", count, hidden, 2L * intermediate);
    String inBias = block.weight(experts + "gate_up_proj_bias", count, 2L * intermediate);
    String out = block.declare(experts + "down_proj", count, intermediate, hidden);
    String outBias = block.weight(experts + "down_proj_bias", count, hidden);
    return SparseExperts.write(
        block,
        "mlp",
        x,
        scores,
        routing,
        (body, rows, index) -> {
          String both =
              body.product(
                  "in",
                  rows,
                  SparseExperts.piece(body, "in_weight", in, index),
                  false,
                  SparseExperts.piece(body, "in_bias", inBias, index));
          return body.product(
              "out",
              gated(body, both),
              SparseExperts.piece(body, "out_weight", out, index),
              false,
              SparseExperts.piece(body, "out_bias", outBias, index));
        });
  }

  /** (up + 1) · gate · σ(α · gate), where gate and up take turns and are cut off. */
  private String gated(BlockWriter body, String both) {
    List<String> parts = body.alternating("in", both);
    String gate = body.clip("gate", parts.get(0), -Float.MAX_VALUE, LIMIT);
    String up = body.clip("up", parts.get(1), -LIMIT, LIMIT);
    String steep = body.scale("gate.steep", gate, ALPHA);
    String sigmoid = body.graph().op("Sigmoid", body.name("gate.sigmoid"), steep);
    String bent = body.multiply("gate.bent", gate, sigmoid);
    String raised = body.add("up.raised", up, body.graph().floatScalar(1));
    return body.multiply("gated", raised, bent);
  }
}
