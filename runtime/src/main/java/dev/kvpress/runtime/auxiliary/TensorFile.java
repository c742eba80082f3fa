package dev.kvpress.runtime.auxiliary;

import com.google.common.base.Suppliers;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads trained tensors of a safetensors file. Names are ours ({@code layers.3.q_filters}), ours
 * over all layers ({@code q_filters} with a first axis of L), or those of kvpress: {@code
 * query_mean} and {@code query_cov} of ExpectedAttentionStats, {@code module_list.3.0.weight} of a
 * KVzap surrogate, {@code layers.3.k_base} and the other parts of a Fast KVzip gate.
 */
final class TensorFile {
  private static final Pattern LAYER = Pattern.compile("layers\\.(\\d{1,5})\\.(.+)");
  private static final Pattern MODULE =
      Pattern.compile("module_list\\.(\\d{1,5})\\.(?:(0|2)\\.)?(weight|bias)");
  private static final Map<String, String> STACKED =
      Map.of(
          "query_mean", AuxiliaryKind.EXPECTED_ATTENTION_MEAN.tensor(),
          "query_cov", AuxiliaryKind.EXPECTED_ATTENTION_COVARIANCE.tensor());

  private final Path file;
  private final int layers;
  private final List<AuxiliaryTensor> tensors = new ArrayList<>();

  private TensorFile(Path file, int layers) {
    this.file = file;
    this.layers = layers;
  }

  /**
   * Reads the header.
   *
   * @param layers L of the model
   * @throws ModelException if the file is damaged or holds a tensor of another kind
   */
  static List<AuxiliaryTensor> read(Path file, int layers) {
    TensorFile reader = new TensorFile(file, layers);
    SafetensorsFile.read(file).values().forEach(reader::add);
    return reader.tensors;
  }

  private void add(SafetensorsFile.Entry entry) {
    String name = entry.name();
    if (entry.decoder().isEmpty()) {
      throw new ModelException(
          "%s: tensor %s: dtype must be F32, F16 or BF16, found %s"
              .formatted(file, name, entry.type()));
    }
    Matcher own = LAYER.matcher(name);
    Matcher module = MODULE.matcher(name);
    Optional<AuxiliaryKind> kind = AuxiliaryKind.of(STACKED.getOrDefault(name, name));
    if (own.matches()) {
      String tensor =
          AuxiliaryKind.ofGate(own.group(2)).map(AuxiliaryKind::tensor).orElse(own.group(2));
      tensors.add(AuxiliaryTensor.whole(tensor, layer(name, own.group(1)), entry));
    } else if (module.matches()) {
      // A linear surrogate has one map; the parts of the other form are map, GELU, map.
      boolean hidden = "0".equals(module.group(2));
      String part = "kvzap." + (hidden ? "hidden_" : "") + module.group(3);
      tensors.add(AuxiliaryTensor.whole(part, layer(name, module.group(1)), entry));
    } else if (kind.isPresent()) {
      stacked(kind.get().tensor(), entry);
    } else {
      throw new ModelException(
          "%s: tensor %s: expected a name such as layers.0.q_filters (see docs/trained-auxiliaries.md), found another; keep other files elsewhere"
              .formatted(file, name));
    }
  }

  private int layer(String name, String digits) {
    int layer = Integer.parseInt(digits);
    if (layer >= layers) {
      throw new ModelException(
          "%s: tensor %s: the model has %d layers, counted from 0; the file was made for another"
              .formatted(file, name, layers));
    }
    return layer;
  }

  private void stacked(String name, SafetensorsFile.Entry entry) {
    if (entry.shape().isEmpty() || entry.shape().get(0) != layers) {
      throw new ModelException(
          "%s: tensor %s: the first axis must count the %d layers of the model, found shape %s; the file was made for another"
              .formatted(file, entry.name(), layers, entry.shape()));
    }
    Supplier<float[]> all = Suppliers.memoize(() -> AuxiliaryTensor.read(entry));
    for (int l = 0; l < layers; l++) {
      tensors.add(AuxiliaryTensor.slice(name, l, entry, all));
    }
  }
}
