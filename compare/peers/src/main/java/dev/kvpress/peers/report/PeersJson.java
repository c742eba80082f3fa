package dev.kvpress.peers.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.bench.Figures;
import dev.kvpress.peers.side.PeerClock;
import dev.kvpress.peers.side.Workload;
import java.time.Instant;
import java.util.List;

/** All figures of all runs, for whoever wants other statistics. */
public final class PeersJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PeersJson() {}

  /** The text of the file. */
  public static String text(List<ShapeResults> results, Targets targets)
      throws JsonProcessingException {
    ObjectNode root = JSON.createObjectNode();
    root.put("measured", Instant.now().toString());
    root.put("java", Runtime.version().toString());
    root.put("cores", Runtime.getRuntime().availableProcessors());
    ArrayNode models = root.putArray("models");
    results.forEach(shape -> model(models.addObject(), shape));
    ArrayNode list = root.putArray("targets");
    for (Targets.Target target : targets.targets()) {
      ObjectNode node = list.addObject().put("what", target.what());
      target.found().ifPresent(found -> node.put("found", found));
      node.put("limit", target.limit()).put("met", target.isMet());
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private static void model(ObjectNode node, ShapeResults shape) {
    Workload work = shape.work();
    node.put("model", shape.preset().label())
        .put("parameters", shape.preset().shape().parameters())
        .put("prompt_tokens", work.tokens())
        .put("new_tokens", work.newTokens())
        .put("chunk", work.chunk())
        .put("threads", work.threads())
        .put("seed", work.seed());
    ArrayNode verdicts = node.putArray("greedy_tokens");
    TokenVerdict.all(shape)
        .forEach(
            v ->
                verdicts
                    .addObject()
                    .put("engine", v.engine().label())
                    .put("same", v.same())
                    .put("of", v.all())
                    .put("distinct", v.distinct()));
    ArrayNode sides = node.putArray("sides");
    shape.sides().forEach(side -> side(sides.addObject(), side));
  }

  private static void side(ObjectNode node, SideResults side) {
    node.put("engine", side.engine().label()).put("weights", side.formatName());
    side.skipped().ifPresent(reason -> node.put("skipped", reason));
    side.failed().ifPresent(reason -> node.put("failed", reason));
    ArrayNode runs = node.putArray("runs");
    for (Figures run : side.runs()) {
      ObjectNode figures = runs.addObject();
      run.values()
          .forEach(
              (name, value) -> {
                if (!name.startsWith(PeerClock.TOKEN)) {
                  figures.put(name, value);
                }
              });
      ArrayNode tokens = figures.putArray("tokens");
      SideResults.tokens(run).forEach(tokens::add);
    }
  }
}
