package dev.kvpress.runtime.export.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.file.JsonFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an absent field means to the configuration classes of transformers (4.57).
 *
 * <p>Files with one configuration write every field. Files with several write in the inner ones
 * only what differs from these values, so that such a file cannot be read without them.
 */
final class ClassDefaults {
  private static final String RESOURCE = "class-defaults.json";
  private static final JsonNode BY_MODEL_TYPE = load();

  /** Newer files keep these in {@code rope_parameters}, all or none. */
  private static final Set<String> IN_ROPE_PARAMETERS =
      Set.of("rope_theta", "rope_local_base_freq");

  private ClassDefaults() {}

  private static JsonNode load() {
    try (InputStream in = ClassDefaults.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is missing beside its class");
      }
      return JsonFile.parseObject(in.readAllBytes(), RESOURCE, "the file");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A configuration with its absent fields filled in; empty where the kind is not known. */
  static Optional<ObjectNode> fill(String modelType, JsonNode config) {
    if (!BY_MODEL_TYPE.has(modelType)) {
      return Optional.empty();
    }
    ObjectNode filled = config.deepCopy();
    for (Map.Entry<String, JsonNode> field : BY_MODEL_TYPE.get(modelType).properties()) {
      boolean elsewhere =
          IN_ROPE_PARAMETERS.contains(field.getKey()) && config.hasNonNull("rope_parameters");
      // A field that is null was written so, and means something else than an absent one.
      if (!config.has(field.getKey()) && !elsewhere) {
        filled.set(field.getKey(), field.getValue());
      }
    }
    return Optional.of(filled);
  }
}
