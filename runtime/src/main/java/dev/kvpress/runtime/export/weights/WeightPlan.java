package dev.kvpress.runtime.export.weights;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Set;

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
    ImmutableMap.Builder<String, WeightForm> forms = ImmutableMap.builder();
    for (UsedWeight weight : weights) {
      forms.put(weight.spec().name(), form(weight, format, widensOnce));
    }
    return new WeightPlan(format, forms.buildOrThrow());
  }

  private static WeightForm form(UsedWeight weight, WeightFormat format, boolean widensOnce) {
    TensorSpec spec = weight.spec();
    // What is read as a whole are norms, biases, routers and positions: small, and errors in them
    // meet everything.
    boolean matrix = spec.shape().size() >= 2 && !weight.uses().contains(WeightUse.WHOLE);
    if (!matrix || format == WeightFormat.F32) {
      return new WideForm(spec);
    }
    if (format == WeightFormat.F16) {
      return widensOnce ? new RoundedForm(spec) : new HalfForm(spec);
    }
    int bits = format == WeightFormat.INT8 || weight.outer() ? WIDE_BITS : 4;
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
