package dev.kvpress.runtime.export;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.export.architecture.DecoderConfig;
import dev.kvpress.runtime.graph.AttentionForm;
import java.nio.file.Path;
import java.util.List;

/**
 * A model in the cache: two graphs over one file of weights.
 *
 * @param folder the cache entry
 * @param config shape of the decoder
 * @param hash hexadecimal SHA-256 of the checkpoint's content, its graphs and the exporter's
 *     version
 * @param notices what is worth saying of how the checkpoint was read
 */
public record ExportedModel(Path folder, DecoderConfig config, String hash, List<Remark> notices) {
  static final String DECOMPOSED = "decoder.onnx";
  static final String FUSED = "decoder_fused.onnx";
  static final String WEIGHTS = "weights.bin";
  static final String DESCRIPTION = "model.json";

  /** Takes a copy of the notices. */
  public ExportedModel {
    requireNonNull(folder, "folder is null");
    requireNonNull(config, "config is null");
    requireNonNull(hash, "hash is null");
    notices = List.copyOf(notices);
  }

  /** The graph that gives every signal and takes ragged caches. */
  public Path decomposed() {
    return folder.resolve(DECOMPOSED);
  }

  /** The fast graph for passes without attention signals. */
  public Path fused() {
    return folder.resolve(FUSED);
  }

  /** The graph of a form. */
  public Path graph(AttentionForm form) {
    return switch (form) {
      case DECOMPOSED -> decomposed();
      case FUSED -> fused();
      case FUSED_BY_HEAD, PACKED, FOREIGN ->
          throw new IllegalArgumentException(
              "exported models are DECOMPOSED or FUSED, found " + form);
    };
  }
}
