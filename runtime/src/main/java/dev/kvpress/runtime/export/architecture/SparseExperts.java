package dev.kvpress.runtime.export.architecture;

import static com.google.common.base.Preconditions.checkArgument;
import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.List;

/**
 * A mixture of experts (arXiv 1701.06538): each token is sent to a few feed-forward parts, whose
 * results are added up by the weights that a router gives.
 *
 * <p>A loop goes over those experts that some token has chosen and computes them for these tokens
 * only. Loop and not one branch an expert: 48 layers of 128 experts are some 2,000 nodes instead of
 * 38,000, which ONNX Runtime needs minutes to plan memory for (measured: its planner compares every
 * value of unknown size with every free one). The price is that an expert's weights are copied out
 * of the stack when it is used.
 */
final class SparseExperts {
  private static final List<AttributeProto> FIRST = List.of(attribute("axis", 0));
  private static final int LONG = 7;

  /**
   * How tokens are sent.
   *
   * @param experts how many there are, X
   * @param chosen experts of one token, K
   * @param normed whether the weights of the chosen ones are made to sum to 1
   */
  record Routing(int experts, int chosen, boolean normed) {
    Routing {
      checkArgument(
          chosen >= 1 && chosen <= experts,
          "experts of a token must be in [1, %s], found %s",
          experts,
          chosen);
    }
  }

  /** One feed-forward part, written once for all. */
  interface Expert {
    /**
     * Writes it.
     *
     * @param rows {@code [M,E]}, the tokens that have chosen it
     * @param index int64 scalar, which one it is
     * @return {@code [M,E]}
     */
    String write(BlockWriter body, String rows, String index);
  }

  private final BlockWriter block;
  private final GraphBuilder graph;
  private final String prefix;

  private SparseExperts(BlockWriter block, String module) {
    this.block = block;
    this.graph = block.graph();
    this.prefix = block.name(module) + ".";
  }

  /**
   * Writes all of it.
   *
   * @param module prefix of the names of values
   * @param x {@code [N,E]}
   * @param scores {@code [N,X]}, the router's scores before any softmax
   * @return {@code [N,E]}
   */
  static String write(
      BlockWriter block, String module, String x, String scores, Routing routing, Expert expert) {
    return new SparseExperts(block, module).write(module, x, scores, routing, expert);
  }

  /** One expert's piece of a weight {@code [X,…]}. */
  static String piece(BlockWriter body, String name, String weight, String index) {
    return body.piece(name, weight, index);
  }

  private String write(String module, String x, String scores, Routing routing, Expert expert) {
    String shares = choose(scores, routing);
    String flat = graph.op("Reshape", prefix + "choice", prefix + "chosen", graph.longs(1, -1));
    // [X, N*K]: which of all choices go to which expert.
    String hits = graph.op("Equal", prefix + "hits", experts(routing.experts()), flat);
    // In the order of experts, and within one in that of tokens.
    String places = graph.op("NonZero", prefix + "places", hits);
    String choices = graph.op("Gather", prefix + "choices", FIRST, places, graph.longScalar(1));
    String tokens = graph.op("Div", prefix + "tokens", choices, graph.longScalar(routing.chosen()));
    String column = graph.op("Reshape", prefix + "shares_flat", shares, graph.longs(-1, 1));
    String sharesInOrder = graph.op("Gather", prefix + "shares_in_order", FIRST, column, choices);
    String ones = graph.op("Cast", prefix + "hits_int64", List.of(attribute("to", LONG)), hits);
    String counts =
        graph.op(
            "ReduceSum",
            prefix + "counts",
            List.of(attribute("keepdims", 0)),
            ones,
            graph.longs(1));
    String ends = graph.op("CumSum", prefix + "ends", counts, graph.longScalar(0));
    String used = graph.op("NonZero", prefix + "used_row", counts);
    graph.op("Squeeze", prefix + "used", used, graph.longs(0));
    String trips = graph.op("Size", prefix + "trips", prefix + "used");
    String sizes = graph.op("Shape", prefix + "sizes", x);
    String nothing = graph.op("ConstantOfShape", prefix + "nothing", sizes);
    GraphBuilder body = body(module, x, new Sorted(tokens, sharesInOrder, counts, ends), expert);
    return graph.op(
        "Loop",
        block.name(module + ".output"),
        List.of(attribute("body", body.build(prefix + "body"))),
        trips,
        "",
        nothing);
  }

  /** Writes the chosen experts {@code [N,K]} and gives the name of their weights. */
  private String choose(String scores, Routing routing) {
    List<AttributeProto> last = List.of(attribute("axis", -1));
    String ranked = routing.normed() ? scores : graph.op("Softmax", prefix + "all", last, scores);
    List<String> best = List.of(prefix + "best", prefix + "chosen");
    graph.add("", "TopK", last, best, List.of(ranked, graph.longs(routing.chosen())));
    // A softmax over the chosen is that over all, divided by their sum.
    return routing.normed()
        ? graph.op("Softmax", prefix + "shares", last, prefix + "best")
        : prefix + "best";
  }

  /** int64 {@code [X,1]}: 0, 1, … */
  private String experts(int count) {
    String name = "pass.experts_" + count;
    if (graph.declare(name)) {
      String row =
          graph.op(
              "Range",
              name + "_row",
              graph.longScalar(0),
              graph.longScalar(count),
              graph.longScalar(1));
      graph.op("Unsqueeze", name, row, graph.longs(1));
    }
    return name;
  }

  /**
   * Choices in the order of experts.
   *
   * @param tokens int64 {@code [N*K]}
   * @param shares {@code [N*K,1]}
   * @param counts int64 {@code [X]}, tokens of each expert
   * @param ends int64 {@code [X]}, where those of an expert end
   */
  private record Sorted(String tokens, String shares, String counts, String ends) {}

  private GraphBuilder body(String module, String x, Sorted sorted, Expert expert) {
    GraphBuilder graph = this.graph.body();
    BlockWriter body = block.within(graph, module + ".loop");
    String trip = graph.input(body.name("trip"), ElementType.INT64);
    String go = graph.input(body.name("go"), ElementType.BOOL);
    String sum = graph.input(body.name("sum"), ElementType.FLOAT32, "rows", "hidden");

    String index = graph.op("Gather", body.name("index"), prefix + "used", trip);
    String end = graph.op("Gather", body.name("end"), sorted.ends(), index);
    String count = graph.op("Gather", body.name("count"), sorted.counts(), index);
    String start = graph.op("Sub", body.name("start"), end, count);
    String from = graph.op("Unsqueeze", body.name("from"), start, graph.longs(0));
    String to = graph.op("Unsqueeze", body.name("to"), end, graph.longs(0));
    String tokens = graph.op("Slice", body.name("tokens"), sorted.tokens(), from, to);
    String shares = graph.op("Slice", body.name("shares"), sorted.shares(), from, to);
    String rows = graph.op("Gather", body.name("rows"), FIRST, x, tokens);
    String result = expert.write(body, rows, index);
    String weighed = graph.op("Mul", body.name("weighed"), result, shares);
    String indices = graph.op("Unsqueeze", body.name("indices"), tokens, graph.longs(1));
    graph.op("Identity", body.name("go_on"), go);
    graph.op(
        "ScatterND",
        body.name("sum_after"),
        List.of(attribute("reduction", "add")),
        sum,
        indices,
        weighed);
    graph.output(body.name("go_on"), ElementType.BOOL);
    graph.output(body.name("sum_after"), ElementType.FLOAT32, "rows", "hidden");
    return graph;
  }
}
