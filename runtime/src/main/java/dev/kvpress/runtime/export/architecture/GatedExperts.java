package dev.kvpress.runtime.export.architecture;

/**
 * Experts that are gated feed-forward parts: down(act(gate(x)) · up(x)).
 *
 * @param gate {@code [X,I,E]}
 * @param up {@code [X,I,E]}
 * @param down {@code [X,E,I]}
 */
record GatedExperts(String gate, String up, String down, Activation activation)
    implements SparseExperts.Expert {

  /**
   * Weights that a checkpoint holds expert by expert.
   *
   * @param module where the experts are, such as {@code mlp.experts}
   * @param names of gate, up and down within one expert
   */
  static GatedExperts of(
      BlockWriter block,
      String module,
      Names names,
      int experts,
      long intermediate,
      long hidden,
      Activation activation) {
    return new GatedExperts(
        stacked(block, module, names.gate(), experts, intermediate, hidden),
        stacked(block, module, names.up(), experts, intermediate, hidden),
        stacked(block, module, names.down(), experts, hidden, intermediate),
        activation);
  }

  /** What gate, up and down are called. */
  record Names(String gate, String up, String down) {
    static final Names PLAIN = new Names("gate_proj", "up_proj", "down_proj");
  }

  private static String stacked(
      BlockWriter block, String module, String name, int experts, long out, long in) {
    return block.stacked(
        module + "." + name + ".weight",
        experts,
        e -> module + "." + e + "." + name + ".weight",
        out,
        in);
  }

  @Override
  public String write(BlockWriter body, String rows, String index) {
    return body.gated(
        rows,
        SparseExperts.piece(body, "gate_weight", gate, index),
        SparseExperts.piece(body, "up_weight", up, index),
        SparseExperts.piece(body, "down_weight", down, index),
        activation);
  }
}
