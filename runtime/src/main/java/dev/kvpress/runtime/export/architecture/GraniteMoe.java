package dev.kvpress.runtime.export.architecture;

import java.util.List;

/**
 * Granite's mixtures (IBM 2024): Granite with experts as the feed-forward part, whose gate and up
 * projections are one; in some models another part that every token passes.
 */
final class GraniteMoe extends Granite {
  private final SparseExperts.Routing routing;
  private final int sharedIntermediate;

  GraniteMoe(ConfigReader config, CheckpointFacts facts) {
    super(config, facts);
    int experts = size(config, "num_local_experts", 8);
    int chosen = size(config, "num_experts_per_tok", 2);
    routing = new SparseExperts.Routing(experts, chosen, true);
    sharedIntermediate = config.integer("shared_intermediate_size", 0);
    String positions = "position_embedding_type";
    config.require(positions, "rope");
    if (!config.absent(positions) && !config.has(positions)) {
      // transformers turns nothing then.
      throw config.unsupported(positions, null, "rope");
    }
  }

  @Override
  boolean mlpBias() {
    return false;
  }

  @Override
  String feedForward(BlockWriter block, int layer, String x) {
    String module = "block_sparse_moe";
    int count = routing.experts();
    String scores = block.choice("mlp.router", x, module + ".router.layer", count, hidden, false);
    String in = block.declare(module + ".input_linear.weight", count, 2L * intermediate, hidden);
    String out = block.declare(module + ".output_linear.weight", count, hidden, intermediate);
    String routed =
        SparseExperts.write(
            block,
            "mlp",
            x,
            scores,
            routing,
            (body, rows, index) -> {
              String both = SparseExperts.piece(body, "in_weight", in, index);
              String gated = gated(body, "in", body.product("in", rows, both, true, null));
              String back = SparseExperts.piece(body, "out_weight", out, index);
              return body.product("out", gated, back, true, null);
            });
    return sharedIntermediate == 0
        ? routed
        : block.add("mlp.with_shared", routed, shared(block, x));
  }

  private String shared(BlockWriter block, String x) {
    String both =
        block.linear(
            "mlp.shared_in", x, "shared_mlp.input_linear", 2L * sharedIntermediate, hidden, false);
    return block.linear(
        "mlp.shared_out",
        gated(block, "mlp.shared_in", both),
        "shared_mlp.output_linear",
        hidden,
        sharedIntermediate,
        false);
  }

  /** act(first half) · second half. */
  private String gated(BlockWriter block, String name, String both) {
    List<String> halves = block.halves(name, both);
    String bent = block.activate(name + ".activated", halves.get(0), activation);
    return block.multiply(name + ".gated", bent, halves.get(1));
  }
}
