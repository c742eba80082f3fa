package dev.kvpress.compare.bench;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Shapes of random Llamas that figures are published for. */
public enum ShapePreset {
  /** The bench's own model: 25.3 million parameters, which a processor's cache nearly holds. */
  MILLIONS_25("25m", new BenchShape(8, 512, 1376, 8, 4, 64, 4096, 131_072, true), NumberFormat.F32),

  /**
   * 494 million parameters in the sizes of Qwen2-0.5B, but a Llama: no biases on queries, keys and
   * values.
   */
  HALF_BILLION(
      "0.5g", new BenchShape(24, 896, 4864, 14, 2, 64, 151_936, 131_072, true), NumberFormat.F32),

  /** 7.2 billion parameters in the sizes of Mistral 7B; 14.5 GB in bfloat16. */
  BILLIONS_7(
      "7b", new BenchShape(32, 4096, 14_336, 32, 8, 128, 32_000, 32_768, false), NumberFormat.BF16);

  private final String label;
  private final BenchShape shape;
  private final NumberFormat format;

  ShapePreset(String label, BenchShape shape, NumberFormat format) {
    this.label = label;
    this.shape = shape;
    this.format = format;
  }

  /** As options name it. */
  public String label() {
    return label;
  }

  /** The sizes. */
  public BenchShape shape() {
    return shape;
  }

  /** The format in which checkpoints of this size usually come. */
  NumberFormat format() {
    return format;
  }

  private static List<String> labels() {
    return Arrays.stream(values()).map(ShapePreset::label).toList();
  }

  /** Reads the label of a preset. */
  public static final class Converter implements ITypeConverter<ShapePreset> {
    @Override
    public ShapePreset convert(String text) {
      return Arrays.stream(values())
          .filter(preset -> preset.label.equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "must be one of %s, found %s".formatted(String.join(", ", labels()), text)));
    }
  }

  /** The labels, for messages and help. */
  public static final class Labels implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return labels().iterator();
    }
  }
}
