package dev.kvpress.runtime.export;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.architecture.Architectures;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.JsonFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Writes Hugging Face folders of any architecture with seeded weights. */
public final class RandomFolder {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RandomFolder() {}

  /**
   * Writes config.json and model.safetensors.
   *
   * @param config config.json
   * @param gain standard deviation of what a projection makes of a row of deviation 1; gains of
   *     norms lie about 1
   */
  public static Path write(Path folder, String config, double gain) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(config);
    Architecture architecture =
        Architectures.read(JsonFile.of("config.json", json), tensor -> false);
    Random random = new Random(1);
    ObjectNode header = JSON.createObjectNode();
    long end = 0;
    for (TensorSpec tensor : architecture.storedWeights()) {
      ObjectNode entry = header.putObject(tensor.name());
      entry.put("dtype", "F32");
      var shape = entry.putArray("shape");
      tensor.shape().forEach(shape::add);
      var offsets = entry.putArray("data_offsets").add(end);
      end += tensor.elements() * Float.BYTES;
      offsets.add(end);
    }
    byte[] text = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(Math.toIntExact(Long.BYTES + text.length + end))
            .order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text);
    for (TensorSpec tensor : architecture.storedWeights()) {
      boolean norm = tensor.name().contains("norm");
      double scale =
          tensor.shape().size() == 1
              ? 0.2
              : gain / Math.sqrt(tensor.shape().get(tensor.shape().size() - 1));
      for (long i = 0; i < tensor.elements(); i++) {
        file.putFloat((float) ((norm ? 1 : 0) + scale * random.nextGaussian()));
      }
    }
    Files.createDirectories(folder);
    Files.write(folder.resolve("model.safetensors"), file.array());
    Files.writeString(folder.resolve("config.json"), JSON.writeValueAsString(json));
    return folder;
  }
}
