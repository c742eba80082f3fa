package dev.kvpress.compare.shape.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdOutputStream;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.shape.Column;
import dev.kvpress.compare.shape.DataShape;
import dev.kvpress.compare.shape.TextShape;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files whose columns were renamed, dropped, doubled or given another type never run as something
 * that their columns do not serve: what runs has every required column of its shape, of its type
 * and once, and no text that nobody reads; and a file that was left alone runs as what it is.
 */
class GeneratedFilesTest {
  private static final int FILES = 300;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One row of each of some shapes. */
  private static final Map<String, String> ROWS =
      ImmutableMap.<String, String>builder()
          .put("text", "{\"text\": \"some text\", \"url\": \"u\"}")
          .put("govreport", "{\"id\": \"x\", \"report\": \"r r\", \"summary\": \"s\"}")
          .put("short-answers", "{\"context\": \"c\", \"question\": \"q\", \"answer\": \"a\"}")
          .put(
              "longbench",
              "{\"input\": \"i\", \"context\": \"c\", \"answers\": [\"x\"], \"length\": 12, \"dataset\": \"trec\", \"language\": \"en\", \"all_classes\": [\"x\"], \"_id\": \"a\"}")
          .put(
              "kvpress",
              "{\"context\": \"c\", \"question\": \"q\", \"answer_prefix\": \"p\", \"answer\": [\"a\"], \"task\": \"vt\", \"max_new_tokens\": 30}")
          .put(
              "ruler-jsonl",
              "{\"index\": 0, \"input\": \"i\", \"outputs\": [\"1\"], \"length\": 12}")
          .put(
              "infinitebench",
              "{\"id\": 0, \"context\": \"c\", \"input\": \"i\", \"answer\": [\"ok\"], \"options\": []}")
          .put(
              "squad",
              "{\"id\": \"i\", \"title\": \"t\", \"context\": \"c\", \"question\": \"q\", \"answers\": {\"text\": [\"a\"], \"answer_start\": [0]}}")
          .put("gsm8k", "{\"question\": \"q\", \"answer\": \"so #### 3\"}")
          .put("xsum", "{\"document\": \"d\", \"summary\": \"s\", \"id\": \"1\"}")
          .put("cnn-dailymail", "{\"article\": \"a\", \"highlights\": \"s\", \"id\": \"1\"}")
          .put(
              "choices",
              "{\"context\": \"c\", \"question\": \"q\", \"choices\": [\"a\", \"b\"], \"answer\": 0}")
          .put(
              "copa",
              "{\"premise\": \"p.\", \"choice1\": \"a\", \"choice2\": \"b\", \"question\": \"cause\", \"idx\": 0, \"label\": 0}")
          .put("piqa", "{\"goal\": \"g\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 0}")
          .put(
              "winogrande",
              "{\"sentence\": \"x _ y\", \"option1\": \"a\", \"option2\": \"b\", \"answer\": \"1\"}")
          .put(
              "mathqa",
              "{\"Problem\": \"p\", \"Rationale\": \"r\", \"options\": \"a ) 1 , b ) 2\", \"correct\": \"a\", \"annotated_formula\": \"f\", \"linear_formula\": \"f\", \"category\": \"g\"}")
          .put(
              "lm-eval-samples",
              "{\"doc_id\": 1, \"doc\": {}, \"target\": \"0\", \"arguments\": [[\"c\", \" a\"]], \"resps\": []}")
          .put(
              "lm-eval-requests",
              "{\"doc_id\": 0, \"context\": \"c\", \"continuation\": \"a\", \"gold\": true}")
          .build();

  private static final List<String> FOREIGN =
      List.of("body", "label2", "input", "prompt", "answer", "note");

  @TempDir Path folder;

  @Test
  void noFileRunsAsWhatItsColumnsDoNotServe() throws Exception {
    int ran = 0;
    int refused = 0;
    for (int seed = 0; seed < FILES; seed++) {
      Random random = new Random(seed);
      List<String> names = List.copyOf(ROWS.keySet());
      String name = names.get(random.nextInt(names.size()));
      ObjectNode row = (ObjectNode) JSON.readTree(ROWS.get(name));
      int changes = random.nextInt(3);
      for (int i = 0; i < changes; i++) {
        change(row, random);
      }
      Path file = write(row, seed, random);
      String what = "seed " + seed + ", " + name + ": " + row;
      try {
        DataSource source = new ShapeFinder().find(List.of(file), Renaming.NONE);
        ran++;
        if (changes == 0) {
          assertThat(source.shape().card().name()).as(what).isEqualTo(name);
        }
        assertServed(source, row, what);
      } catch (DataException e) {
        refused++;
        assertThat(changes).as(what + ": " + e.getMessage()).isPositive();
        assertThat(e.getMessage()).as(what).contains("its columns are").contains("--columns");
      }
    }
    // Neither refusing everything nor taking everything would pass unseen.
    assertThat(ran).isGreaterThan(FILES / 4);
    assertThat(refused).isGreaterThan(FILES / 4);
  }

  private static void change(ObjectNode row, Random random) {
    List<String> columns = new ArrayList<>();
    row.fieldNames().forEachRemaining(columns::add);
    if (columns.isEmpty()) {
      return;
    }
    String column = columns.get(random.nextInt(columns.size()));
    String foreign = FOREIGN.get(random.nextInt(FOREIGN.size()));
    JsonNode value = row.get(column);
    switch (random.nextInt(4)) {
      case 0 -> row.remove(column);
      case 1 -> {
        row.remove(column);
        row.set(foreign, value);
      }
      case 2 -> row.set(foreign, value);
      default -> {
        switch (random.nextInt(4)) {
          case 0 -> row.put(column, 7);
          case 1 -> row.putArray(column).addObject().put("x", 1);
          case 2 -> row.putNull(column);
          default -> row.putObject(column).put("y", "z");
        }
      }
    }
  }

  /**
   * As JSON lines or a list, plain or packed, with a byte order mark, or with Windows' line ends.
   */
  private Path write(ObjectNode row, int seed, Random random) throws Exception {
    int rows = 1 + random.nextInt(3);
    List<String> all = IntStream.range(0, rows).mapToObj(i -> row.toString()).toList();
    boolean list = random.nextBoolean();
    String content =
        (random.nextInt(4) == 0 ? "\uFEFF" : "")
            + (list ? all.toString() : String.join(random.nextBoolean() ? "\r\n" : "\n\n", all));
    String packing = List.of("", ".gz", ".zst").get(random.nextInt(3));
    Path file = folder.resolve(seed + (list ? ".json" : ".jsonl") + packing);
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out =
            switch (packing) {
              case ".gz" -> new GZIPOutputStream(raw);
              case ".zst" -> new ZstdOutputStream(raw);
              default -> raw;
            }) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  private static void assertServed(DataSource source, ObjectNode row, String what) {
    DataShape shape = source.shape();
    for (Column column : shape.card().columns()) {
      List<String> there = new ArrayList<>();
      row.fieldNames()
          .forEachRemaining(
              name -> {
                if (column.isCalled(name)) {
                  there.add(name);
                }
              });
      boolean renamed = source.renaming().columns().containsKey(column.name());
      if (column.isRequired() && !renamed) {
        assertThat(there.stream().map(row::get).distinct())
            .as(what + " as " + shape.card().name())
            .hasSize(1);
        assertThat(column.type().holds(row.get(there.get(0)))).as(what).isTrue();
      }
    }
    row.properties()
        .forEach(
            field -> {
              boolean known =
                  shape.card().columns().stream()
                          .anyMatch(column -> column.isCalled(field.getKey()))
                      || source.renaming().columns().containsValue(field.getKey());
              boolean text = field.getValue().isTextual() && !field.getKey().endsWith("id");
              assertThat(known || !text).as(what + " as " + shape.card().name()).isTrue();
            });
    if (source.shape() instanceof TextShape && !source.renaming().columns().isEmpty()) {
      assertThat(row.properties().stream().filter(field -> field.getValue().isTextual()))
          .as(what)
          .hasSize(1);
    }
  }
}
