package dev.kvpress.runtime.auxiliary;

import static java.util.Objects.requireNonNull;

import com.google.common.hash.Hashing;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The trained tensors of a model. What is given by name takes the place of what was found beside
 * the model, whole groups at a time: a surrogate's parts never come from two trainings.
 */
public final class Auxiliaries {
  private static final String HELP = "see docs/trained-auxiliaries.md";

  private final Path folder;
  private final ModelSizes sizes;
  private final Map<String, AuxiliaryTensor[]> tensors = new TreeMap<>();
  private final Map<String, TokenFolder> tokens = new TreeMap<>();

  private Auxiliaries(Path folder, ModelSizes sizes) {
    this.folder = folder;
    this.sizes = sizes;
  }

  /**
   * Finds the tensors of a model and checks their shapes; numbers are read when first used.
   *
   * @param model folder or file of the model
   * @throws ModelException if a file is damaged, does not fit the model, lacks a layer, or says the
   *     same as another one that was given
   */
  public static Auxiliaries open(Path model, AuxiliarySources sources, ModelSizes sizes) {
    Auxiliaries all = new Auxiliaries(AuxiliaryFolder.beside(model), sizes);
    List<Path> given = new ArrayList<>();
    for (Path path : sources.paths()) {
      Optional<TokenFolder> trained = TokenFolder.of(path);
      if (trained.isPresent()) {
        all.add(trained.get(), Set.of());
      } else {
        given.addAll(AuxiliaryFolder.given(path));
      }
    }
    sources.kvzapScorer().ifPresent(path -> given.addAll(AuxiliaryFolder.surrogate(path, sizes)));
    given.forEach(file -> all.addAll(read(file, sizes.layers()), Set.of()));
    Set<String> taken = new HashSet<>();
    all.tensors.keySet().forEach(name -> taken.add(AuxiliaryKind.group(name)));
    for (Path file : AuxiliaryFolder.files(all.folder)) {
      all.addAll(read(file, sizes.layers()), taken);
    }
    for (TokenFolder trained : TokenFolder.in(all.folder)) {
      all.add(trained, taken);
    }
    all.check();
    return all;
  }

  private void add(TokenFolder trained, Set<String> groupsTaken) {
    if (!groupsTaken.contains(trained.name())) {
      addAll(trained.tensors(sizes.layers()), Set.of());
      tokens.put(trained.name(), trained);
    }
  }

  /** The folder of trained tokens and their adapter, by the name that a press says. */
  public Optional<Path> tokenFolder(String name) {
    return Optional.ofNullable(tokens.get(name)).map(TokenFolder::folder);
  }

  private static List<AuxiliaryTensor> read(Path file, int layers) {
    return file.toString().endsWith(".tsv")
        ? HeadPattern.read(file, layers)
        : TensorFile.read(file, layers);
  }

  private void addAll(List<AuxiliaryTensor> read, Set<String> groupsTaken) {
    for (AuxiliaryTensor tensor : read) {
      if (groupsTaken.contains(AuxiliaryKind.group(tensor.name()))) {
        continue;
      }
      AuxiliaryTensor[] layers =
          tensors.computeIfAbsent(tensor.name(), name -> new AuxiliaryTensor[sizes.layers()]);
      AuxiliaryTensor other = layers[tensor.layer()];
      if (other != null) {
        throw new ModelException(
            "%s of layer %d is in %s and in %s; give one of them"
                .formatted(tensor.name(), tensor.layer(), other.place(), tensor.place()));
      }
      layers[tensor.layer()] = tensor;
    }
  }

  private void check() {
    tensors.forEach(
        (name, layers) -> {
          AuxiliaryTensor some = null;
          for (AuxiliaryTensor tensor : layers) {
            some = tensor == null ? some : tensor;
          }
          for (int l = 0; l < layers.length; l++) {
            if (layers[l] == null) {
              throw new ModelException(
                  "%s: %s of layer %d is missing; the model has %d layers"
                      .formatted(requireNonNull(some).file(), name, l, layers.length));
            }
            checkShape(layers[l]);
          }
        });
  }

  private void checkShape(AuxiliaryTensor tensor) {
    AuxiliaryKind.of(tensor.name())
        .filter(kind -> !kind.fits(tensor.shape(), sizes))
        .ifPresent(
            kind -> {
              throw new ModelException(
                  "%s: expected shape %s for this model, found %s; it was made for another"
                      .formatted(tensor.place(), kind.shape(sizes), tensor.shape()));
            });
    if (tensor.name().equals(AuxiliaryKind.KVZAP_WEIGHT.tensor())) {
      AuxiliaryTensor[] units = tensors.get(AuxiliaryKind.KVZAP_HIDDEN_BIAS.tensor());
      long inputs =
          units == null || units[tensor.layer()] == null
              ? sizes.hidden()
              : units[tensor.layer()].shape().get(0);
      if (inputs > 0 && tensor.shape().get(1) != inputs) {
        throw new ModelException(
            "%s: expected %d inputs (%s), found %d"
                .formatted(
                    tensor.place(),
                    inputs,
                    units == null ? "hidden size of the model" : "units of the hidden layer",
                    tensor.shape().get(1)));
      }
    }
  }

  /**
   * Why a tensor cannot be had, what it should look like and where to put it; empty where it can.
   *
   * @param name without the layer, for instance {@code q_filters}
   */
  public Optional<String> refusal(String name) {
    if (tensors.containsKey(name)) {
      return Optional.empty();
    }
    Optional<String> trained = TokenFolder.nameOf(name);
    if (trained.isPresent()) {
      return Optional.of(
          "expected a folder with restore_embeddings.safetensors, adapter_config.json and adapter_model.safetensors in %s or given by --auxiliary, the folder's name %s in _plus, found none; %s"
              .formatted(folder, name.contains("_plus") ? "ending" : "not ending", HELP));
    }
    if (name.startsWith("kvzap.hidden") && hasSurrogate()) {
      return Optional.of(
          "the surrogate that was found is linear; write kvzap(model_type=linear), or give one with a hidden layer");
    }
    String shape = AuxiliaryKind.of(name).map(kind -> " of shape " + kind.shape(sizes)).orElse("");
    return Optional.of(
        "expected tensors layers.0.%s to layers.%d.%s%s in a .safetensors file in %s or given by --auxiliary%s, found none; %s"
            .formatted(
                name,
                sizes.layers() - 1,
                name,
                shape,
                folder,
                name.startsWith("kvzap.") ? " or --kvzap-scorer-model" : "",
                HELP));
  }

  /**
   * Why a set of tensors does not belong together; empty where it does.
   *
   * @param names of all tensors that a press needs
   */
  public Optional<String> mismatch(Set<String> names) {
    boolean linear =
        names.contains(AuxiliaryKind.KVZAP_WEIGHT.tensor())
            && !names.contains(AuxiliaryKind.KVZAP_HIDDEN_WEIGHT.tensor());
    return linear && tensors.containsKey(AuxiliaryKind.KVZAP_HIDDEN_WEIGHT.tensor())
        ? Optional.of(
            "the surrogate that was found has a hidden layer; write kvzap(model_type=mlp), or give a linear one")
        : Optional.empty();
  }

  private boolean hasSurrogate() {
    return tensors.containsKey(AuxiliaryKind.KVZAP_WEIGHT.tensor());
  }

  /** Gives a layer all its tensors. */
  public void addTo(LayerSignals.Builder builder, int layer) {
    tensors.forEach((name, layers) -> builder.auxiliary(name, layers[layer]::values));
  }

  /** Names of the tensors that are there, without the layer. */
  public Set<String> names() {
    return Set.copyOf(tensors.keySet());
  }

  /** SHA-256 by file name of the files that are used, for reports and for telling runs apart. */
  public SortedMap<String, String> hashes() {
    SortedMap<String, String> hashes = new TreeMap<>();
    tensors.entrySet().stream()
        .filter(entry -> TokenFolder.nameOf(entry.getKey()).isEmpty())
        .map(Map.Entry::getValue)
        .flatMap(layers -> Arrays.stream(layers).map(AuxiliaryTensor::file))
        .distinct()
        .forEach(file -> hashes.put(String.valueOf(file.getFileName()), hash(file)));
    tokens.forEach(
        (name, trained) ->
            trained
                .files()
                .forEach(file -> hashes.put(name + "/" + file.getFileName(), hash(file))));
    return hashes;
  }

  private static String hash(Path file) {
    try {
      return com.google.common.io.Files.asByteSource(file.toFile())
          .hash(Hashing.sha256())
          .toString();
    } catch (IOException e) {
      throw new ModelException(file + ": cannot read: " + FileFaults.reason(e), e);
    }
  }
}
