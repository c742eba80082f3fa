package dev.kvpress.runtime.export.packed;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * AWQ (arXiv 2306.00978) as AutoAWQ stores it for its kernel {@code gemv}: {@code qweight} int32
 * {@code [out,in/8]} and {@code qzeros} int32 {@code [out,w]}, packed in order, {@code scales}
 * {@code [out,8·w]}, where w words hold the groups and are filled up to a multiple of what 128
 * inputs take.
 *
 * @param groupSize −1 for one group of all inputs
 */
record AwqGemvLayout(int groupSize) implements PackedLayout {
  private static final int BITS = 4;
  private static final int IN_A_WORD = Integer.SIZE / BITS;
  private static final int FULL_GROUP = 128;

  @Override
  public String label() {
    return "AWQ (gemv), 4 bits, " + Expect.groups(groupSize);
  }

  @Override
  public String codes() {
    return "qweight";
  }

  @Override
  public Set<String> companions() {
    return Set.of("qzeros", "scales");
  }

  @Override
  public Set<String> optional() {
    return Set.of();
  }

  @Override
  public PackedMatrix open(TensorSpec weight, Map<String, Entry> tensors) throws IOException {
    MatrixShape shape = MatrixShape.of(weight, BITS, groupSize);
    long multiple = Math.max(1, FULL_GROUP / shape.groupSize());
    long words = (CodeGrid.wordsOf(shape.groups(), BITS) + multiple - 1) / multiple * multiple;
    Entry codes =
        Expect.words(
            requireNonNull(tensors.get("qweight")),
            shape.outputs(),
            CodeGrid.wordsOf(shape.inputs(), BITS));
    Entry zeros = Expect.words(requireNonNull(tensors.get("qzeros")), shape.outputs(), words);
    Entry scales =
        Expect.floats(requireNonNull(tensors.get("scales")), shape.outputs(), words * IN_A_WORD);
    return new PackedMatrix(
        shape,
        new CodeGrid(codes, BITS, Axis.ROWS, Axis.COLUMNS),
        ZeroGrid.of(BITS, new CodeGrid(zeros, BITS, Axis.ROWS, Axis.COLUMNS), zeros),
        new ScaleGrid(scales, Axis.ROWS),
        GroupOrder.plain(shape));
  }
}
