package dev.kvpress.recipe.auxiliary;

import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.model.Decoder;
import dev.kvpress.recipe.model.Safetensors;
import dev.kvpress.recipe.model.Safetensors.Tensor;
import dev.kvpress.recipe.model.Safetensors.Type;
import dev.kvpress.recipe.model.Shape;
import dev.kvpress.recipe.text.Document.Kind;
import dev.kvpress.recipe.text.Texts.Split;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Makes the trained tensors that some presses need, from documents of the train split, and writes
 * them under the names of {@code docs/trained-auxiliaries.md}.
 */
public final class Auxiliaries {
  private static final int ROW_TOKENS = 2048;
  private static final int SKIPPED = 4;
  private static final int SINKS = 16;
  private static final int RECENT = 64;
  private static final Kind[] KINDS = {Kind.STORY, Kind.RECALL, Kind.RIVALS};

  private final Decoder decoder;
  private final Shape shape;
  private final Bpe bpe;
  private final Rows rows;
  private final PrintStream out;

  /** Watches {@code decoder}; figures go to {@code out}. */
  public Auxiliaries(Decoder decoder, Bpe bpe, PrintStream out) {
    this.decoder = decoder;
    this.shape = decoder.shape();
    this.bpe = bpe;
    this.rows = new Rows(bpe);
    this.out = out;
  }

  /**
   * Writes all files but those of {@link Surrogates}.
   *
   * @param folder {@code presses} beside the model
   * @param documents of each kind, for each of the files
   */
  public void write(Path folder, int documents) throws IOException {
    Files.createDirectories(folder);
    queries(folder, documents);
    heads(folder, documents);
    curve(folder, documents);
  }

  /** Writes only the budget curve of {@code lukv}. */
  public void curve(Path folder, int documents) throws IOException {
    int heads = shape.layers() * shape.kvHeads();
    double[][] curve;
    try (Continuations continuations = new Continuations(decoder, bpe, rows)) {
      continuations.read(documents);
      curve = new BudgetCurve(heads, continuations).measure();
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int l = 0; l < shape.layers(); l++) {
      float[] rowMajor = new float[curve.length * shape.kvHeads()];
      for (int i = 0; i < rowMajor.length; i++) {
        rowMajor[i] = (float) curve[i / shape.kvHeads()][l * shape.kvHeads() + i % shape.kvHeads()];
      }
      add(tensors, l, "lukv.curve", rowMajor, curve.length, shape.kvHeads());
    }
    Safetensors.write(folder.resolve("lukv.safetensors"), tensors, Type.F32);
    for (int percent = 20; percent < 100; percent += 20) {
      StringBuilder line = new StringBuilder();
      for (double removed : curve[percent - 1]) {
        line.append(String.format(Locale.ROOT, " %.2f", removed));
      }
      print("removed by head at %d %%:%s", percent, line);
    }
  }

  private void queries(Path folder, int documents) throws IOException {
    QueryStatistics statistics = new QueryStatistics(shape, SKIPPED);
    for (int i = 0; i < documents; i++) {
      for (Kind kind : KINDS) {
        Passes.watch(decoder, rows.row(Split.TRAIN, kind, i, ROW_TOKENS).ids(), statistics);
      }
    }
    long size = shape.headSize();
    Map<String, Tensor> filters = new LinkedHashMap<>();
    Map<String, Tensor> moments = new LinkedHashMap<>();
    for (int l = 0; l < shape.layers(); l++) {
      add(filters, l, "q_filters", statistics.filters(l), shape.kvHeads(), size);
      add(moments, l, "expected_attention_mean", statistics.means(l), shape.heads(), size);
      float[] covariances = statistics.covariances(l);
      add(moments, l, "expected_attention_covariance", covariances, shape.heads(), size, size);
    }
    Safetensors.write(folder.resolve("q_filters.safetensors"), filters, Type.F32);
    Safetensors.write(folder.resolve("expected_attention.safetensors"), moments, Type.F32);
    print("query statistics of %d rows of %d tokens", documents * KINDS.length, ROW_TOKENS);
  }

  private void heads(Path folder, int documents) throws IOException {
    RetrievalHeads retrieval = new RetrievalHeads(shape, SINKS, RECENT);
    for (int i = 0; i < documents; i++) {
      for (Kind kind : new Kind[] {Kind.RECALL, Kind.RIVALS}) {
        Rows.Row row = rows.row(Split.TRAIN, kind, i, ROW_TOKENS);
        Passes.watch(decoder, row.ids(), retrieval.over(row.roles()));
      }
    }
    Map<String, Tensor> scores = new LinkedHashMap<>();
    for (int l = 0; l < shape.layers(); l++) {
      float[] heads = retrieval.scores(l);
      add(scores, l, "duo_head_scores", heads, shape.kvHeads());
      StringBuilder line = new StringBuilder("head scores of layer " + l + ":");
      for (float head : heads) {
        line.append(String.format(Locale.ROOT, " %.3f", head));
      }
      print("%s", line);
    }
    Safetensors.write(folder.resolve("duo_heads.safetensors"), scores, Type.F32);
  }

  private static void add(
      Map<String, Tensor> tensors, int layer, String name, float[] values, long... dimensions) {
    put(tensors, "layers." + layer + "." + name, values, dimensions);
  }

  private static void put(
      Map<String, Tensor> tensors, String name, float[] values, long... dimensions) {
    tensors.put(name, new Tensor(dimensions, values));
  }

  private void print(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
