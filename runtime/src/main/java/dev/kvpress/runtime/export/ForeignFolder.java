package dev.kvpress.runtime.export;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.JsonFile;
import dev.kvpress.runtime.file.ModelFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What to do about folders and files that hold a model in a form that is not read. */
final class ForeignFolder {
  static final String ADAPTER = "adapter_config.json";

  static final String MERGE =
      "merge it into its base model first (PEFT: model.merge_and_unload().save_pretrained(\"merged\")) and give that folder";

  private static final String EXPECTED =
      "expected config.json with model.safetensors, or exactly one llama2.c .bin beside its tok*.bin";

  private static final String SAVE =
      "convert it once in Python: AutoModelForCausalLM.from_pretrained(\"%s\"%s).save_pretrained(\"converted\", safe_serialization=True), copy the tokenizer's files there and give that folder";

  /** A form in which others keep weights. */
  private record Form(Pattern names, String what, String advice) {}

  /** Forms by the names of their files, the likeliest first. */
  private static final List<Form> FORMS = new ArrayList<>();

  static {
    form("pytorch_model.*\\.bin(\\.index\\.json)?", "PyTorch's pickled weights", convert(""));
    form(
        "consolidated.*\\.safetensors",
        "weights in their maker's own names and layout",
        "use the Hugging Face form of the model");
    form(
        "consolidated.*\\.pth",
        "weights in their maker's own names and layout",
        "use the Hugging Face form of the model");
    form(".+\\.(pth|pt|ckpt|pkl)", "PyTorch's pickled weights", convert(""));
    form(
        ".+\\.(gguf|ggml)",
        "weights for llama.cpp, most of them quantized",
        "use the Hugging Face folder that they were made from, or convert them once in Python: AutoModelForCausalLM.from_pretrained(\"%s\", gguf_file=...).save_pretrained(\"converted\", safe_serialization=True)");
    form("(tf_model|.+)\\.h5", "TensorFlow's weights", convert(", from_tf=True"));
    form("(flax_model|.+)\\.msgpack", "Flax's weights", convert(", from_flax=True"));
    form(
        ".+\\.(npz|nemo|mlmodel|mlpackage|tflite|engine|bin\\.zst)",
        "weights for another engine",
        "use the Hugging Face folder that they were made from");
  }

  private static final Pattern TOKENIZER =
      Pattern.compile(
          "tokenizer.*|vocab\\.json|merges\\.txt|special_tokens_map\\.json|added_tokens\\.json|chat_template.*|spiece\\.model|tok\\d+\\.bin");

  private ForeignFolder() {}

  private static void form(String names, String what, String advice) {
    FORMS.add(new Form(Pattern.compile(names), what, advice));
  }

  private static String convert(String argument) {
    return SAVE.formatted("%s", argument);
  }

  /** What a file of this name is and what to do; empty where nothing is known about it. */
  static Optional<String> advice(Path file) {
    String name = String.valueOf(file.getFileName());
    return FORMS.stream()
        .filter(form -> form.names().matcher(name).matches())
        .findFirst()
        .map(
            form ->
                "%s (%s) are not read; %s"
                    .formatted(
                        form.what(),
                        name,
                        form.advice().formatted(file.toAbsolutePath().getParent())));
  }

  /**
   * Refuses folders that hold an adapter: without its base it is nothing, with it another model.
   */
  static void refuseAdapter(Path folder) {
    Path file = folder.resolve(ADAPTER);
    if (Files.exists(file)) {
      JsonNode base = JsonFile.read(file).raw("base_model_name_or_path");
      throw new ModelException(
          "%s: this folder holds an adapter (%s%s) and no model of its own; %s"
              .formatted(
                  folder, ADAPTER, base == null ? "" : ", trained on " + base.asText(), MERGE));
    }
  }

  /** Why a folder with config.json has no weights. */
  static ModelException noWeights(Path folder, List<String> names) {
    for (String name : names) {
      Optional<String> advice = advice(folder.resolve(name));
      if (advice.isPresent()) {
        return new ModelException(folder + ": " + advice.get());
      }
    }
    return new ModelException(
        "%s: expected %s or %s beside config.json, found neither; the weights are missing"
            .formatted(folder, WeightFiles.SINGLE, WeightFiles.INDEX));
  }

  /** Why a folder without config.json is no model. */
  static ModelException noModel(Path folder) {
    List<String> names = FolderList.names(folder);
    if (names.isEmpty()) {
      return new ModelException(folder + ": the folder is empty; " + EXPECTED);
    }
    for (String name : names) {
      Optional<String> advice = advice(folder.resolve(name));
      if (advice.isPresent()) {
        return new ModelException(folder + ": " + advice.get());
      }
    }
    List<String> graphs = names.stream().filter(name -> name.endsWith(".onnx")).toList();
    if (!graphs.isEmpty()) {
      return new ModelException(
          "%s: holds ONNX graphs and no checkpoint; give one of the files: %s"
              .formatted(folder, String.join(", ", graphs)));
    }
    if (names.stream().anyMatch(name -> name.endsWith(".safetensors"))) {
      return new ModelException(
          folder + ": config.json is missing beside the weights; fetch the model again");
    }
    List<Path> inside = ModelFolder.inside(folder);
    if (!inside.isEmpty()) {
      return new ModelException(
          "%s: no model lies here itself, but %s; give %s"
              .formatted(
                  folder,
                  inside.size() == 1 ? "one in a folder of it" : inside.size() + " in its folders",
                  inside.size() == 1 ? inside.get(0) : "one of " + inside));
    }
    boolean tokenizer = names.stream().anyMatch(name -> TOKENIZER.matcher(name).matches());
    return new ModelException(
        "%s: %s, found %s".formatted(folder, EXPECTED, tokenizer ? "a tokenizer only" : "neither"));
  }
}
