package dev.kvpress.runtime.export.packed;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.architecture.ConfigReader;
import dev.kvpress.runtime.file.JsonFile;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** The catalogue of packed layouts: one line for each method of quantization. */
public final class PackedLayouts {
  /** Field of config.json. */
  public static final String FIELD = "quantization_config";

  private static final Map<String, Function<ConfigReader, PackedLayout>> CATALOGUE =
      new TreeMap<>(
          Map.of(
              "gptq", GptqLayout::read,
              "awq", AwqLayout::read,
              "compressed-tensors", CompressedTensorsLayout::read));

  private PackedLayouts() {}

  /**
   * The layout that a configuration names; empty where its weights are floats.
   *
   * @param config config.json
   * @throws ModelException if the method is not known, or a setting of it
   */
  public static Optional<PackedLayout> read(JsonFile config) {
    JsonFile settings = config.object(FIELD);
    if (settings == null) {
      return Optional.empty();
    }
    String method = settings.text("quant_method", "");
    Function<ConfigReader, PackedLayout> reader = CATALOGUE.get(method);
    if (reader == null) {
      throw new ModelException(
          "%s: quantized checkpoints (%s%s) are not supported; use the original in F32, F16 or BF16, or dequantize it with transformers and save it again (supported are %s)"
              .formatted(
                  config.place(),
                  FIELD,
                  method.isEmpty() ? "" : ": " + method,
                  String.join(", ", CATALOGUE.keySet())));
    }
    return Optional.of(reader.apply(new ConfigReader(settings)));
  }
}
