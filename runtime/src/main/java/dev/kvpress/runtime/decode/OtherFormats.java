package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.FloatDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Weights in formats that are not read, and the way out. */
final class OtherFormats {
  private static final String PYTORCH =
      "PyTorch weights are not read, since loading them may run code; convert them with save_pretrained(folder, safe_serialization=True), or export the model to ONNX (optimum-cli export onnx --task text-generation-with-past)";

  private static final Map<String, String> BY_ENDING =
      Map.of(
          ".pth", PYTORCH,
          ".pt", PYTORCH,
          ".ckpt", PYTORCH,
          ".gguf",
              "GGUF is the format of llama.cpp and is not read; take the safetensors (GPTQ and AWQ are read too) or ONNX files of the same model, or convert it: AutoModelForCausalLM.from_pretrained(folder, gguf_file=name).save_pretrained(\"converted\"), and the tokenizer alike",
          ".ggml",
              "GGML is a format of llama.cpp and is not read; take the safetensors or ONNX files of the same model",
          ".h5",
              "TensorFlow weights are not read; take the safetensors or ONNX files of the same model",
          ".msgpack",
              "Flax weights are not read; take the safetensors or ONNX files of the same model",
          ".tflite",
              "TensorFlow Lite models are not read; take the safetensors or ONNX files of the same model");

  private OtherFormats() {}

  /**
   * Refuses a file, or a folder that holds nothing but such files.
   *
   * @throws ModelException naming the file and the way out
   */
  static void refuse(Path model) {
    if (Files.isDirectory(model)) {
      if (!holdsSafetensors(model)) {
        refuseFolder(model);
      }
    } else {
      advice(model)
          .ifPresent(
              advice -> {
                throw new ModelException(model + ": " + advice);
              });
    }
  }

  private static boolean holdsSafetensors(Path folder) {
    return files(folder).stream().anyMatch(file -> file.toString().endsWith(".safetensors"));
  }

  private static void refuseFolder(Path folder) {
    for (Path file : files(folder)) {
      Optional<String> advice = advice(file);
      if (advice.isPresent()) {
        throw new ModelException(
            "%s: found %s and neither model.safetensors nor a graph; %s"
                .formatted(folder, file.getFileName(), advice.get()));
      }
    }
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new ModelException(folder + ": cannot list the folder: " + FileFaults.reason(e), e);
    }
  }

  private static Optional<String> advice(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    int dot = name.lastIndexOf('.');
    String ending = dot < 0 ? "" : name.substring(dot);
    Optional<String> byEnding = Optional.ofNullable(BY_ENDING.get(ending));
    if (byEnding.isPresent() || !ending.equals(".bin")) {
      return byEnding;
    }
    // llama2.c has .bin files too; PyTorch's are zip archives or, older, pickles.
    boolean named = name.startsWith("pytorch_model") || name.startsWith("consolidated");
    return named || startsWith(file, 'P', 'K', 3, 4) || startsWith(file, 0x80, 2)
        ? Optional.of(PYTORCH)
        : startsWith(file, 'G', 'G', 'U', 'F')
            ? Optional.ofNullable(BY_ENDING.get(".gguf"))
            : Optional.empty();
  }

  private static boolean startsWith(Path file, int... bytes) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() < bytes.length) {
        return false;
      }
      ByteBuffer start = ByteBuffer.allocate(bytes.length);
      FloatDecoder.readFully(channel, 0, start);
      for (int i = 0; i < bytes.length; i++) {
        if ((start.get(i) & 0xff) != bytes[i]) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
