package dev.kvpress.runtime.export.weights;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The form of every weight of an export. */
public final class WeightPlan {
  private static final int WIDE_BITS = 8;

  /**
   * Numbers of one scale. Measured: coarser blocks of 4 bits cost more than they save, of 8 bits
   * they cost nothing that can be seen.
   */
  private static final int BLOCK_OF_4_BITS = 32;

  private static final int BLOCK_OF_8_BITS = 128;
  private static final int LEAST_BLOCK = 16;

  private final WeightFormat format;
  private final ImmutableMap<String, WeightForm> forms;

  private WeightPlan(WeightFormat format, ImmutableMap<String, WeightForm> forms) {
    this.format = format;
    this.forms = forms;
  }

  /**
   * Chooses a form for each weight.
   *
   * @param weights every weight of a decoder and how it is read
   * @param format of the export
   * @param widensOnce whether halves are stored as the float32 that the engine would make of them
   */
  public static WeightPlan of(List<UsedWeight> weights, WeightFormat format, boolean widensOnce) {
    return of(weights, spec -> Optional.empty(), format, widensOnce);
  }

  /**
   * Chooses a form for each weight, of which some come in blocks.
   *
   * @param blocks those that a checkpoint holds of a weight {@code [out,in]}, to be used as they
   *     are
   */
  public static WeightPlan of(
      List<UsedWeight> weights,
      Function<TensorSpec, Optional<StoredBlocks>> blocks,
      WeightFormat format,
      boolean widensOnce) {
    ImmutableMap.Builder<String, WeightForm> forms = ImmutableMap.builder();
    for (UsedWeight weight : weights) {
      WeightForm form =
          kept(weight, blocks, format).orElseGet(() -> form(weight, format, widensOnce));
      forms.put(weight.spec().name(), form);
    }
    return new WeightPlan(format, forms.buildOrThrow());
  }

  /** The form of a weight that is not rounded again; empty where it is not, or cannot be. */
  private static Optional<WeightForm> kept(
      UsedWeight weight, Function<TensorSpec, Optional<StoredBlocks>> blocks, WeightFormat format) {
    Set<WeightUse> uses = weight.uses();
    boolean readInBlocks =
        !uses.contains(WeightUse.WHOLE) && !uses.contains(WeightUse.TURNED_PRODUCT);
    if (!readInBlocks || !format.isQuantized()) {
      return Optional.empty();
    }
    List<StoredBlocks> parts = new ArrayList<>();
    for (TensorSpec part : weight.spec().stored()) {
      blocks.apply(part).ifPresent(parts::add);
    }
    if (parts.size() != weight.spec().stored().size() || !StackedBlocks.areAlike(parts)) {
      return Optional.empty();
    }
    StoredBlocks all = parts.size() == 1 ? parts.get(0) : new StackedBlocks(parts);
    BlockForm form = BlockForm.kept(weight.spec(), all, uses);
    boolean fits = format == WeightFormat.STORED || all.bits() <= bits(weight, format);
    return fits && form.canBeRead() ? Optional.of(form) : Optional.empty();
  }

  private static int bits(UsedWeight weight, WeightFormat format) {
    return format == WeightFormat.INT8 || weight.outer() ? WIDE_BITS : 4;
  }

  private static WeightForm form(UsedWeight weight, WeightFormat format, boolean widensOnce) {
    TensorSpec spec = weight.spec();
    // What is read as a whole are norms, biases, routers and positions: small, and errors in them
    // meet everything.
    boolean matrix = spec.shape().size() >= 2 && !weight.uses().contains(WeightUse.WHOLE);
    if (!matrix || format == WeightFormat.F32 || format == WeightFormat.STORED) {
      return new WideForm(spec);
    }
    if (format == WeightFormat.F16) {
      return widensOnce ? new RoundedForm(spec) : new HalfForm(spec);
    }
    int bits = bits(weight, format);
    int block = block(spec, weight.uses(), bits);
    return block == 0 ? new WideForm(spec) : new BlockForm(spec, bits, block, weight.uses());
  }

  /**
   * The largest block that divides the inputs; where none does, products fill the last one up and
   * pieces cannot be cut. 0 where the weight stays wide.
   */
  private static int block(TensorSpec spec, Set<WeightUse> uses, int bits) {
    boolean turned = uses.contains(WeightUse.TURNED_PRODUCT);
    long inputs = spec.shape().get(turned ? 0 : spec.shape().size() - 1);
    if (turned && uses.size() > 1 || inputs < LEAST_BLOCK) {
      return 0;
    }
    int most = bits == WIDE_BITS ? BLOCK_OF_8_BITS : BLOCK_OF_4_BITS;
    for (int block = most; block >= LEAST_BLOCK; block /= 2) {
      if (inputs % block == 0) {
        return block;
      }
    }
    return uses.contains(WeightUse.PIECES) ? 0 : most;
  }

  /** The format of its matrices. */
  public WeightFormat format() {
    return format;
  }

  /** Bytes of all numbers as they are stored, without copies that an engine may want. */
  public long bytes() {
    return forms.values().stream()
        .flatMap(weight -> weight.regionBytes().stream())
        .mapToLong(Long::longValue)
        .sum();
  }

  /** Every form, in the order of use. */
  public List<WeightForm> forms() {
    return forms.values().asList();
  }

  /**
   * The form of a weight.
   *
   * @throws NullPointerException if the decoder has no such weight
   */
  public WeightForm form(String weight) {
    return requireNonNull(forms.get(weight), () -> "no weight " + weight);
  }
}
