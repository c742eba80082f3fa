package dev.kvpress.runtime.export;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.file.FloatDecoder;
import java.util.Map;
import java.util.Set;

/**
 * What the weights of a checkpoint take in each format.
 *
 * @param types of the checkpoint's numbers, at least one
 * @param quantized whether some of its weights are whole numbers with scales
 * @param bytes of all weights in each format
 */
public record WeightSizes(
    Set<FloatDecoder> types, boolean quantized, Map<WeightFormat, Long> bytes) {
  /** Keeps copies. */
  public WeightSizes {
    checkArgument(!types.isEmpty(), "a checkpoint has numbers of some type");
    types = Sets.immutableEnumSet(types);
    bytes = ImmutableMap.copyOf(bytes);
    checkArgument(
        bytes.keySet().equals(ImmutableSet.copyOf(WeightFormat.values())),
        "all formats must have a size, found %s",
        bytes.keySet());
  }

  /** Whether a format holds every number of the checkpoint as it is. */
  public boolean isExact(WeightFormat format) {
    return switch (format) {
      case STORED, F32 -> true;
      case F16 -> !quantized && types.equals(Set.of(FloatDecoder.F16));
      case INT8, INT4 -> false;
    };
  }

  /** The format that another one comes to: of floats nothing is stored otherwise than as floats. */
  public WeightFormat settled(WeightFormat format) {
    return format == WeightFormat.STORED && !quantized ? WeightFormat.F32 : format;
  }

  /** Bytes of all weights in a format. */
  public long bytes(WeightFormat format) {
    return bytes.getOrDefault(format, 0L);
  }
}
