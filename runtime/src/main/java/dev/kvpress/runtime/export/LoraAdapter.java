package dev.kvpress.runtime.export;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.export.weights.UsedWeight;
import dev.kvpress.runtime.export.weights.WeightUse;
import dev.kvpress.runtime.file.JsonFile;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A LoRA adapter in the form of PEFT: {@code adapter_config.json} beside {@code
 * adapter_model.safetensors}. To matrices of the layers it adds {@code scale · B · A} with A {@code
 * [r, in]} and B {@code [out, r]} (arXiv 2106.09685, section 4.1). Anything that would make it
 * another sum is refused by name.
 */
final class LoraAdapter {
  static final String CONFIG = "adapter_config.json";
  static final String WEIGHTS = "adapter_model.safetensors";

  private static final Pattern PART =
      Pattern.compile("base_model\\.model\\.(.+)\\.lora_([AB])\\.weight");

  /** Fields that say nothing of the sum. */
  private static final Set<String> HARMLESS =
      Set.of(
          "peft_type",
          "r",
          "lora_alpha",
          "use_rslora",
          "target_modules",
          "exclude_modules",
          "bias",
          "init_lora_weights",
          "auto_mapping",
          "base_model_name_or_path",
          "revision",
          "task_type",
          "inference_mode",
          "lora_dropout",
          "peft_version",
          "layers_to_transform",
          "layers_pattern",
          "megatron_core",
          "qalora_group_size",
          "ensure_weight_tying");

  /** Ways to begin training that leave the model's own weights as they are. */
  private static final Set<String> PLAIN_STARTS = Set.of("gaussian", "eva", "orthogonal");

  private final Path folder;
  private final double scale;
  private final Map<String, Pair> pairs;

  /** The two matrices that are multiplied for one weight. */
  private record Pair(SafetensorsFile.Entry a, SafetensorsFile.Entry b) {}

  /**
   * What is added to one weight.
   *
   * @param a {@code [r * in]}
   * @param b {@code [out * r]}, the scale in it
   */
  record Update(int rank, int inputs, float[] a, float[] b) {
    /** Adds what is added to one row of the weight, {@code [in]}. */
    void addTo(int row, float[] numbers) {
      for (int k = 0; k < rank; k++) {
        float factor = b[row * rank + k];
        for (int j = 0; j < inputs; j++) {
          numbers[j] += factor * a[k * inputs + j];
        }
      }
    }
  }

  private LoraAdapter(Path folder, double scale, Map<String, Pair> pairs) {
    this.folder = folder;
    this.scale = scale;
    this.pairs = pairs;
  }

  /**
   * Reads the headers and checks that the adapter fits.
   *
   * @param architecture of the model that it is for
   * @throws ModelException if it does not fit, or says more than such a sum
   */
  static LoraAdapter open(Path folder, Architecture architecture) {
    JsonFile config = JsonFile.read(folder.resolve(CONFIG));
    requirePlain(config);
    int rank = config.integer("r");
    if (rank < 1) {
      throw new ModelException(
          "%s: r must be at least 1, found %d".formatted(config.place(), rank));
    }
    double alpha = config.number("lora_alpha");
    double scale = alpha / (config.flag("use_rslora", false) ? Math.sqrt(rank) : rank);
    Map<String, Pair> pairs = pairs(folder.resolve(WEIGHTS));
    LoraAdapter adapter = new LoraAdapter(folder, scale, pairs);
    adapter.requireFitting(architecture, rank);
    adapter.requireAllTargets(config);
    return adapter;
  }

  private static void requirePlain(JsonFile config) {
    require(config, "peft_type", "LORA");
    if (config.has("bias")) {
      require(config, "bias", "none");
    }
    JsonNode start = config.raw("init_lora_weights");
    if (start != null && start.isTextual() && !PLAIN_STARTS.contains(start.asText())) {
      throw new ModelException(
          "%s: init_lora_weights=%s changes the model's own weights, which no file of the adapter tells; convert the adapter to a plain one with PEFT"
              .formatted(config.place(), start.asText()));
    }
    for (Map.Entry<String, JsonNode> field : config.entries()) {
      if (!HARMLESS.contains(field.getKey()) && !saysNothing(field.getValue())) {
        throw new ModelException(
            "%s: %s=%s makes more of the adapter than W + scale·B·A, which is all that is understood; merge or convert it with PEFT"
                .formatted(config.place(), field.getKey(), field.getValue()));
      }
    }
  }

  private static boolean saysNothing(JsonNode value) {
    return value.isNull()
        || value.isBoolean() && !value.asBoolean()
        || value.isContainerNode() && value.isEmpty();
  }

  private static void require(JsonFile config, String field, String expected) {
    String found = config.text(field, "");
    if (!found.equals(expected)) {
      throw new ModelException(
          "%s: %s must be %s, found '%s'".formatted(config.place(), field, expected, found));
    }
  }

  private static Map<String, Pair> pairs(Path file) {
    Map<String, SafetensorsFile.Entry> a = new TreeMap<>();
    Map<String, SafetensorsFile.Entry> b = new TreeMap<>();
    for (SafetensorsFile.Entry entry : SafetensorsFile.read(file).values()) {
      Matcher part = PART.matcher(entry.name());
      if (!part.matches()) {
        throw new ModelException(
            "%s: tensor %s: expected base_model.model.<matrix>.lora_A.weight and lora_B.weight only"
                .formatted(file, entry.name()));
      }
      if (entry.decoder().isEmpty()) {
        throw new ModelException(
            "%s: tensor %s: dtype must be F32, F16 or BF16, found %s"
                .formatted(file, entry.name(), entry.type()));
      }
      (part.group(2).equals("A") ? a : b).put(part.group(1), entry);
    }
    if (a.isEmpty() || !a.keySet().equals(b.keySet())) {
      Set<String> lone = new TreeSet<>(a.keySet());
      lone.addAll(b.keySet());
      lone.removeIf(name -> a.containsKey(name) && b.containsKey(name));
      throw new ModelException(
          "%s: every matrix must have lora_A and lora_B, found %s"
              .formatted(file, lone.isEmpty() ? "none of either" : "one of them for " + lone));
    }
    Map<String, Pair> pairs = new HashMap<>();
    a.forEach(
        (name, entry) ->
            pairs.put(name + ".weight", new Pair(entry, requireNonNull(b.get(name), name))));
    return pairs;
  }

  private void requireFitting(Architecture architecture, int rank) {
    Map<String, UsedWeight> known = new HashMap<>();
    architecture.weights().forEach(weight -> known.put(weight.spec().name(), weight));
    pairs.forEach(
        (name, pair) -> {
          UsedWeight weight = known.get(name);
          if (weight == null
              || weight.outer()
              || !weight.uses().equals(Set.of(WeightUse.PRODUCT))) {
            throw new ModelException(
                "%s: %s is no matrix within a layer of %s that a product reads, so nothing can be added to it"
                    .formatted(
                        folder.resolve(WEIGHTS), name, architecture.config().architecture()));
          }
          List<Long> shape = weight.spec().shape();
          requireShape(pair.a(), List.of((long) rank, shape.get(1)));
          requireShape(pair.b(), List.of(shape.get(0), (long) rank));
        });
  }

  private static void requireShape(SafetensorsFile.Entry entry, List<Long> expected) {
    if (!entry.shape().equals(expected)) {
      throw new ModelException(
          "%s: tensor %s: expected shape %s for this model, found %s; the adapter was made for another"
              .formatted(entry.file(), entry.name(), expected, entry.shape()));
    }
  }

  /** A target without matrices would be left as it is, which nobody who trained it meant. */
  private void requireAllTargets(JsonFile config) {
    JsonNode targets = config.raw("target_modules");
    if (targets == null || !targets.isArray()) {
      return;
    }
    for (JsonNode target : targets) {
      String end = "." + target.asText() + ".weight";
      if (pairs.keySet().stream().noneMatch(name -> ("." + name).endsWith(end))) {
        throw new ModelException(
            "%s: target_modules names %s, of which %s holds no matrix"
                .formatted(config.place(), target.asText(), WEIGHTS));
      }
    }
  }

  /** The files that it is made of. */
  List<Path> files() {
    return List.of(folder.resolve(CONFIG), folder.resolve(WEIGHTS));
  }

  /** What is added to a weight; empty where nothing is. */
  Optional<Update> update(TensorSpec weight) throws IOException {
    Pair pair = pairs.get(weight.name());
    if (pair == null) {
      return Optional.empty();
    }
    float[] b = numbers(pair.b());
    for (int i = 0; i < b.length; i++) {
      b[i] = (float) (b[i] * scale);
    }
    int rank = Math.toIntExact(pair.a().shape().get(0));
    int inputs = Math.toIntExact(pair.a().shape().get(1));
    return Optional.of(new Update(rank, inputs, numbers(pair.a()), b));
  }

  /** Numbers of a tensor, all finite. */
  static float[] numbers(SafetensorsFile.Entry entry) throws IOException {
    float[] numbers = entry.read();
    for (int i = 0; i < numbers.length; i++) {
      if (!Float.isFinite(numbers[i])) {
        throw new ModelException(
            "%s: tensor %s: expected finite numbers, found %s at index %d"
                .formatted(entry.file(), entry.name(), numbers[i], i));
      }
    }
    return numbers;
  }
}
