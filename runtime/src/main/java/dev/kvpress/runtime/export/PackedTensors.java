package dev.kvpress.runtime.export;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.packed.PackedLayout;
import dev.kvpress.runtime.export.packed.PackedLayouts;
import dev.kvpress.runtime.export.packed.PackedMatrix;
import dev.kvpress.runtime.export.weights.StoredBlocks;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.export.weights.UsedWeight;
import dev.kvpress.runtime.export.weights.WeightUse;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.JsonFile;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The weights of a folder that are packed into whole numbers, and the tensors that hold them. */
final class PackedTensors {
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";

  private final Optional<PackedLayout> layout;
  private final TensorNames names;
  private final Map<String, PackedMatrix> matrices = new LinkedHashMap<>();

  /** Names under which their tensors stand, in the architecture's terms. */
  private final Set<String> parts = new HashSet<>();

  private PackedTensors(Optional<PackedLayout> layout, TensorNames names) {
    this.layout = layout;
    this.names = names;
  }

  /**
   * Reads how a folder is quantized, if it is.
   *
   * @throws ModelException if the method or a setting is not known
   */
  static PackedTensors of(JsonFile config, TensorNames names) {
    return new PackedTensors(PackedLayouts.read(config), names);
  }

  /** Whether a weight is there, packed or not. */
  boolean holds(String weight) {
    return names.holds(weight) || layout.isPresent() && isPacked(layout.get(), weight);
  }

  private boolean isPacked(PackedLayout known, String weight) {
    return weight.endsWith("." + WEIGHT) && names.holds(part(weight, known.codes()));
  }

  private static String part(String weight, String word) {
    return weight.substring(0, weight.length() - WEIGHT.length()) + word;
  }

  /**
   * Opens the packed weights of an architecture.
   *
   * @throws ModelException if a tensor of one is missing, or not what the settings say
   */
  void open(Architecture architecture, JsonFile config) {
    if (layout.isEmpty()) {
      return;
    }
    for (UsedWeight weight : architecture.weights()) {
      for (TensorSpec spec : weight.spec().stored()) {
        if (isPacked(layout.get(), spec.name())) {
          requireLinear(weight, spec);
          matrices.put(spec.name(), open(layout.get(), spec));
        }
      }
    }
    if (matrices.isEmpty()) {
      throw new ModelException(
          "%s: %s says that weights are quantized (%s), but no tensor of this model ends with %s; take the field out of the file if they are floats"
              .formatted(
                  config.place(), PackedLayouts.FIELD, layout.get().label(), layout.get().codes()));
    }
  }

  private void requireLinear(UsedWeight weight, TensorSpec spec) {
    // What is stored here is [out,in]; a square one would be taken for its transpose.
    if (weight.uses().contains(WeightUse.TURNED_PRODUCT) || spec.shape().size() != 2) {
      throw new ModelException(
          "%s: tensor %s: quantized weights are understood where they are [out,in], and %s is %s; %s"
              .formatted(
                  names.stored(part(spec.name(), layout.orElseThrow().codes())).get(0).file(),
                  part(spec.name(), layout.orElseThrow().codes()),
                  spec.name(),
                  spec.shape().size() == 2 ? "[in,out]" : "of shape " + spec.shape(),
                  Packing.ADVICE));
    }
  }

  private PackedMatrix open(PackedLayout known, TensorSpec spec) {
    Entry codes = only(spec, known.codes()).orElseThrow();
    if (names.holds(spec.name())) {
      throw new ModelException(
          "%s: %s is stored both as floats and packed (%s); remove the one that is not to be used"
              .formatted(codes.file(), spec.name(), codes.name()));
    }
    Map<String, Entry> tensors = new HashMap<>(Map.of(known.codes(), codes));
    for (String word : known.companions()) {
      Optional<Entry> found = only(spec, word);
      if (found.isEmpty() && !known.optional().contains(word)) {
        throw new ModelException(
            "%s: tensor %s is missing beside %s (%s)"
                .formatted(codes.file(), part(spec.name(), word), codes.name(), known.label()));
      }
      found.ifPresent(entry -> tensors.put(word, entry));
    }
    try {
      return known.open(spec, tensors);
    } catch (IOException e) {
      throw new ModelException(codes.file() + ": cannot read: " + FileFaults.reason(e), e);
    }
  }

  private Optional<Entry> only(TensorSpec spec, String word) {
    String name = part(spec.name(), word);
    List<Entry> found = names.stored(name);
    if (found.size() > 1) {
      throw new ModelException(
          "%s: %s and %s can both be %s; remove the one that is not to be used"
              .formatted(found.get(0).file(), found.get(0).name(), found.get(1).name(), name));
    }
    parts.add(name);
    return found.stream().findFirst();
  }

  /** The weights of an architecture that are stored as floats. */
  List<TensorSpec> floats(Architecture architecture) {
    return architecture.storedWeights().stream()
        .filter(spec -> !matrices.containsKey(spec.name()))
        .toList();
  }

  /** What is left of tensors that are no weights once those that hold packed ones are taken out. */
  List<Entry> without(List<Entry> leftOver) {
    Set<String> keys = new HashSet<>();
    parts.forEach(name -> keys.add(TensorNames.key(name)));
    return leftOver.stream()
        .filter(entry -> !keys.contains(TensorNames.key(entry.name())) && !isZeroBias(entry))
        .toList();
  }

  /** Some quantizers add a bias of zeros to what has none. */
  private boolean isZeroBias(Entry entry) {
    String key = TensorNames.key(entry.name());
    if (!key.endsWith("." + BIAS) || entry.decoder().isEmpty()) {
      return false;
    }
    String weight = key.substring(0, key.length() - BIAS.length()) + WEIGHT;
    if (matrices.keySet().stream().noneMatch(name -> TensorNames.key(name).equals(weight))) {
      return false;
    }
    try {
      for (float number : entry.read()) {
        if (number != 0) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The matrix of a weight; empty where it is stored as floats. */
  Optional<PackedMatrix> matrix(TensorSpec weight) {
    return Optional.ofNullable(matrices.get(weight.name()));
  }

  Optional<StoredBlocks> blocks(TensorSpec weight) {
    return matrix(weight).flatMap(PackedMatrix::blocks);
  }

  boolean isEmpty() {
    return matrices.isEmpty();
  }

  /** What is worth saying of them. */
  List<Remark> notices() {
    if (isEmpty()) {
      return List.of();
    }
    List<Remark> said = new ArrayList<>();
    said.add(
        Remark.onFigures(
            "the checkpoint's weights are quantized (%s): %d matrices"
                .formatted(layout.orElseThrow().label(), matrices.size())));
    Map<String, List<String>> obstacles = new LinkedHashMap<>();
    matrices.forEach(
        (name, matrix) ->
            matrix
                .obstacle()
                .ifPresent(
                    why -> obstacles.computeIfAbsent(why, w -> new ArrayList<>()).add(name)));
    obstacles.forEach(
        (why, which) ->
            said.add(
                Remark.aside(
                    "%d matrices (first %s) cannot be multiplied as they are stored (%s); their numbers are used, which take more memory"
                        .formatted(which.size(), which.get(0), why))));
    return said;
  }
}
