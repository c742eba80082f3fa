package dev.kvpress.runtime.export;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which stored tensor is which weight. The same weight stands under many names: with or without the
 * prefix of a model's head, behind the words that compilers, trainers and models of several parts
 * put before it, and an output matrix that is the token embedding under the name of either.
 */
final class TensorNames {
  /** What wraps a module leaves its own name in the middle of others. */
  private static final Set<String> WRAPPERS =
      Set.of("_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module");

  /** Modules that hold the whole decoder; which of them a name begins with tells nothing. */
  private static final Set<String> HOLDERS =
      Set.of(
          "model",
          "transformer",
          "gpt_neox",
          "decoder",
          "language_model",
          "text_model",
          "base_model");

  private static final Set<String> EMBEDDINGS =
      Set.of("embed_tokens.weight", "wte.weight", "embed_in.weight", "word_embeddings.weight");

  private static final List<String> OUTPUTS = List.of("lm_head.weight", "embed_out.weight");

  private final Map<String, List<Entry>> byKey = new LinkedHashMap<>();

  TensorNames(Collection<Entry> stored) {
    for (Entry entry : stored) {
      byKey.computeIfAbsent(key(entry.name()), k -> new ArrayList<>()).add(entry);
    }
  }

  /** A name without the words before it that say nothing of which weight it is. */
  static String key(String name) {
    List<String> words = new ArrayList<>();
    for (String word : name.split("\\.", -1)) {
      boolean leading = words.isEmpty() && HOLDERS.contains(word);
      if (!leading && !WRAPPERS.contains(word)) {
        words.add(word);
      }
    }
    return String.join(".", words);
  }

  /**
   * Whether the token embedding is the output matrix too, so that the latter may be stored again.
   *
   * @param weights all that an architecture asks for, packed or not
   */
  static boolean tied(List<TensorSpec> weights) {
    return weights.stream().map(weight -> key(weight.name())).noneMatch(OUTPUTS::contains);
  }

  /** Whether something is stored under a name of an architecture. */
  boolean holds(String name) {
    return byKey.containsKey(key(name));
  }

  /**
   * The stored tensor of each weight.
   *
   * @param weights those of an architecture that are stored as floats
   * @param tied see {@link #tied}
   * @param place the folder, for errors
   * @return by the architecture's names, in its order
   * @throws ModelException if one is missing, or stored twice with other numbers
   */
  Map<String, Entry> resolve(List<TensorSpec> weights, boolean tied, String place) {
    Map<String, String> asked = new HashMap<>();
    for (TensorSpec weight : weights) {
      String before = asked.put(key(weight.name()), weight.name());
      if (before != null) {
        throw new IllegalStateException(before + " and " + weight.name() + " cannot be told apart");
      }
    }
    Map<String, Entry> resolved = new LinkedHashMap<>();
    for (TensorSpec weight : weights) {
      boolean output = tied && EMBEDDINGS.contains(key(weight.name()));
      resolved.put(weight.name(), resolve(weight, output, place));
    }
    return resolved;
  }

  private Entry resolve(TensorSpec weight, boolean isOutputToo, String place) {
    List<Entry> own = new ArrayList<>(stored(weight.name()));
    weight.aliases().forEach(alias -> own.addAll(stored(alias)));
    List<Entry> outputs = new ArrayList<>();
    if (isOutputToo) {
      OUTPUTS.forEach(name -> outputs.addAll(stored(name)));
    }
    List<Entry> all = new ArrayList<>(own);
    all.addAll(outputs);
    if (all.isEmpty()) {
      throw missing(weight, place);
    }
    Entry chosen =
        all.stream().filter(e -> e.name().equals(weight.name())).findFirst().orElse(all.get(0));
    for (Entry other : all) {
      if (!other.equals(chosen) && !same(chosen, other)) {
        throw outputs.contains(other) ? untied(chosen, other) : ambiguous(weight, chosen, other);
      }
    }
    return chosen;
  }

  /** Everything that is stored under a name of an architecture. */
  List<Entry> stored(String name) {
    return byKey.getOrDefault(key(name), List.of());
  }

  private ModelException missing(TensorSpec weight, String place) {
    boolean output = OUTPUTS.contains(key(weight.name()));
    return new ModelException(
        "%s: tensor %s of shape %s is missing%s"
            .formatted(
                place,
                weight.name(),
                weight.shape(),
                output
                    ? ", and config.json says that the token embedding is not the output matrix (tie_word_embeddings)"
                    : ""));
  }

  private static ModelException ambiguous(TensorSpec weight, Entry one, Entry other) {
    return new ModelException(
        "%s: %s and %s in %s can both be %s and differ; remove the one that is not to be used"
            .formatted(
                one.file(),
                one.name(),
                other.name(),
                String.valueOf(other.file().getFileName()),
                weight.name()));
  }

  private static ModelException untied(Entry embedding, Entry output) {
    return new ModelException(
        "%s: tensor %s differs from %s, although config.json makes them one (tie_word_embeddings); transformers 4 ignores it and 5 uses it: set tie_word_embeddings to false to use it, or remove it"
            .formatted(output.file(), output.name(), embedding.name()));
  }

  private static boolean same(Entry one, Entry other) {
    try {
      return one.sameNumbers(other);
    } catch (IOException e) {
      throw new ModelException(one.file() + ": cannot read: " + FileFaults.reason(e), e);
    }
  }

  /** Stored tensors that are no weight, in the order of the files. */
  List<Entry> leftOver(List<TensorSpec> weights, boolean tied) {
    Map<String, List<Entry>> left = new LinkedHashMap<>(byKey);
    for (TensorSpec weight : weights) {
      left.remove(key(weight.name()));
      weight.aliases().forEach(alias -> left.remove(key(alias)));
    }
    if (tied) {
      OUTPUTS.forEach(left::remove);
    }
    return left.values().stream().flatMap(List::stream).toList();
  }
}
