package dev.kvpress.runtime.export;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.architecture.DecoderWriter;
import dev.kvpress.runtime.export.weights.WeightPlan;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.onnx.ModelProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Writes a checkpoint as an ONNX model. */
public final class ModelExporter {
  /** Version of what the exporter writes; a new one makes cached exports of older ones unused. */
  public static final String VERSION = "3";

  private ModelExporter() {}

  /**
   * Exports to one file, or to two where the weights are large: then they lie in {@code
   * <outputFile>.data} beside it. A graph that shares the checkpoint's weights is one small file.
   *
   * <p>Weights are streamed, at most a piece of one tensor being in memory. Each file is either
   * whole or absent afterwards; missing parent folders are made.
   *
   * @param checkpoint what to export
   * @param outputFile the .onnx file
   * @param options form of attention, signals, where weights go
   * @throws ModelException if the checkpoint cannot be read or the file not be written
   */
  public static void export(Checkpoint checkpoint, Path outputFile, ExportOptions options) {
    if (options.form() == AttentionForm.FUSED && !checkpoint.config().fusable()) {
      throw new ModelException(
          "%s: the fused operator cannot compute the attention of this model (%s); export the decomposed form"
              .formatted(outputFile, checkpoint.config().plan().get(0).attention()));
    }
    WeightPlan plan = checkpoint.plan(options.weights(), false);
    ModelProto model =
        DecoderWriter.build(checkpoint.architecture(), options.form(), plan, VERSION);
    if (!options.signals().equals(TapRequest.NONE)) {
      model = GraphTap.tap(DecoderGraph.of(model, outputFile), options.signals()).model();
    }
    try {
      if (options.shareWeights()) {
        ByteBuffer bytes =
            ByteBuffer.wrap(SharedWeights.refer(model, checkpoint, outputFile).toByteArray());
        AtomicFile.write(outputFile, out -> AtomicFile.writeFully(out, bytes));
      } else if (InlineModel.bytes(plan.forms()) <= options.inlineLimitBytes()) {
        InlineModel inline = new InlineModel(model, plan.forms());
        AtomicFile.write(outputFile, out -> inline.write(checkpoint, out));
      } else {
        WeightLayout layout = new WeightLayout(plan.forms());
        Path data = dataFile(outputFile);
        // The data first: a graph must never be there without what it refers to.
        AtomicFile.write(data, out -> layout.write(checkpoint, out));
        ByteBuffer bytes =
            ByteBuffer.wrap(
                withWeights(model, layout, String.valueOf(data.getFileName())).toByteArray());
        AtomicFile.write(outputFile, out -> AtomicFile.writeFully(out, bytes));
      }
    } catch (IOException e) {
      throw new ModelException(outputFile + ": cannot export: " + FileFaults.reason(e), e);
    }
  }

  /** Where the weights of a graph go if they are large. */
  public static Path dataFile(Path outputFile) {
    Path name = outputFile.getFileName();
    if (name == null) {
      throw new IllegalArgumentException("outputFile must be a file, found " + outputFile);
    }
    return outputFile.resolveSibling(name + ".data");
  }

  /** The model with its weights referring to a file beside it. */
  static ModelProto withWeights(ModelProto model, WeightLayout layout, String dataFile) {
    ModelProto.Builder builder = model.toBuilder();
    builder.getGraphBuilder().addAllInitializer(layout.references(dataFile));
    return builder.build();
  }
}
