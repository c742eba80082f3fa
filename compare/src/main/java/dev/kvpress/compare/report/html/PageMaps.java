package dev.kvpress.compare.report.html;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.report.folder.AttentionMap;
import dev.kvpress.compare.report.folder.Cell;
import dev.kvpress.compare.report.folder.KeepMap;
import dev.kvpress.compare.report.folder.NeedleMap;
import dev.kvpress.compare.report.folder.ResultFolder;
import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.function.Predicate;

/** Keep maps, texts and attention maps, small enough for a page. */
final class PageMaps {
  /** The scale of the picture: five decades below 1. */
  private static final double DECADES = 5;

  private static final int LEVELS = 254;

  private final ResultFolder folder;

  PageMaps(ResultFolder folder) {
    this.folder = folder;
  }

  void addTo(ObjectNode page) {
    ArrayNode maps = page.putArray("maps");
    folder.keepMaps().forEach(map -> keepMap(maps.addObject(), map));
    ArrayNode texts = page.putArray("texts");
    folder
        .texts()
        .forEach(
            text -> {
              ObjectNode node = texts.addObject();
              node.put("task", text.task()).put("data", text.data()).put("sample", text.sample());
              ArrayNode tokens = node.putArray("tokens");
              text.tokens().forEach(tokens::add);
            });
    ArrayNode attention = page.putArray("attention");
    folder.attention().forEach(map -> attention(attention.addObject(), map));
    ArrayNode needles = page.putArray("needles");
    folder.needles().forEach(map -> needles(needles.addObject(), map));
  }

  /** What the method of a map is called with its budget; its bare name where its cell is absent. */
  private String label(String method, Predicate<Cell> isOwn) {
    return folder.cells().stream().filter(isOwn).findFirst().map(Cell::label).orElse(method);
  }

  private void keepMap(ObjectNode node, KeepMap map) {
    String method =
        label(
            map.method(),
            cell -> cell.matches(map.method(), map.compressionRatio(), map.budget(), map.task()));
    node.put("label", method + ", sample " + map.sample());
    node.put("task", map.task()).put("data", map.data()).put("sample", map.sample());
    node.put("layers", map.kept().size()).put("kvHeads", map.kvHeads()).put("tokens", map.tokens());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    map.heads().forEach(all::writeBytes);
    node.put("kept", Base64.getEncoder().encodeToString(all.toByteArray()));
  }

  private void needles(ObjectNode node, NeedleMap map) {
    String method =
        label(
            map.method(),
            cell -> cell.matches(map.method(), map.compressionRatio(), map.budget(), map.task()));
    node.put("label", method).put("task", map.task()).put("data", map.data());
    node.put("metric", map.metric());
    node.put("fraction", folder.info(map.metric()).unit().equals("fraction"));
    ArrayNode lengths = node.putArray("lengths");
    map.lengths().forEach(lengths::add);
    ArrayNode depths = node.putArray("depths");
    map.depths().forEach(depths::add);
    ArrayNode spots = node.putArray("spots");
    map.spots()
        .forEach(
            spot ->
                spots
                    .addArray()
                    .add(spot.length())
                    .add(spot.depth())
                    .add(spot.value())
                    .add(spot.samples()));
  }

  private static void attention(ObjectNode node, AttentionMap map) {
    node.put("label", map.label() + ", " + map.data() + " sample " + map.sample());
    node.put("tokens", map.tokens());
    node.put("levels", Base64.getEncoder().encodeToString(levels(map)));
  }

  /**
   * The lower triangle on a logarithmic scale, a byte a weight, row by row: 0 for a weight of 0, 1
   * for the end of the scale and below, 255 for a weight of 1.
   */
  static byte[] levels(AttentionMap map) {
    int tokens = map.tokens();
    byte[] levels = new byte[tokens * (tokens + 1) / 2];
    int next = 0;
    for (int q = 0; q < tokens; q++) {
      for (int k = 0; k <= q; k++) {
        levels[next++] = level(map.weight(q, k));
      }
    }
    return levels;
  }

  private static byte level(double weight) {
    if (!(weight > 0)) {
      return 0;
    }
    double share = (Math.log10(Math.min(1, weight)) + DECADES) / DECADES;
    return (byte) (1 + Math.round(LEVELS * Math.max(0, share)));
  }
}
