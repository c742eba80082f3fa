package dev.kvpress.runtime.graph.matrix;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.runtime.onnx.TensorProto;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A matrix of whole numbers with scales and zero points, w = scale · (q − zero), as
 * DequantizeLinear and products of whole numbers read it.
 *
 * @param type of the numbers and zero points
 * @param codes {@code [rows, columns]}
 * @param tile how many rows and columns share a scale
 * @param scales one for each tile, row of tiles by row of tiles
 * @param zeros as many, or null where all are 0
 */
record LinearMatrix(
    WholeNumbers type,
    TensorProto codes,
    Tile tile,
    TensorProto scales,
    @Nullable TensorProto zeros)
    implements ConstantMatrix {

  /** Numbers that share a scale. */
  record Tile(long rows, long columns) {}

  /**
   * A matrix with scales of any of the usual kinds.
   *
   * @param axis along which scales differ, where there are several
   * @param block numbers along the axis that share one; 0 where each index has one of its own
   * @throws UnreadableMatrix if types or sizes do not fit each other
   */
  static LinearMatrix of(
      TensorProto codes, TensorProto scales, @Nullable TensorProto zeros, long axis, long block)
      throws UnreadableMatrix {
    WholeNumbers type =
        WholeNumbers.of(codes)
            .orElseThrow(
                () ->
                    new UnreadableMatrix(
                        "constant %s of type %d holds no whole numbers of 4, 8 or 16 bits"
                            .formatted(codes.getName(), codes.getDataType())));
    if (codes.getDimsCount() != 2) {
      throw new UnreadableMatrix(
          "constant %s of shape %s is no matrix".formatted(codes.getName(), codes.getDimsList()));
    }
    if (!TensorNumbers.isFloat(scales)) {
      throw new UnreadableMatrix("scales %s are no floats".formatted(scales.getName()));
    }
    long rows = codes.getDims(0);
    long columns = codes.getDims(1);
    boolean byRow = (axis < 0 ? axis + 2 : axis) == 0;
    long count = count(scales);
    Tile tile = new Tile(rows, columns);
    if (block > 0) {
      tile = byRow ? new Tile(block, 1) : new Tile(1, block);
    } else if (count != 1) {
      tile = byRow ? new Tile(1, columns) : new Tile(rows, 1);
    }
    LinearMatrix matrix = new LinearMatrix(type, codes, tile, scales, zeros);
    if (count != matrix.tiles() || (zeros != null && count(zeros) != count)) {
      throw new UnreadableMatrix(
          "expected %d scales for shape %s, found %s and zero points %s"
              .formatted(
                  matrix.tiles(),
                  codes.getDimsList(),
                  scales.getDimsList(),
                  zeros == null ? "none" : zeros.getDimsList()));
    }
    if (zeros != null && zeros.getDataType() != codes.getDataType()) {
      throw new UnreadableMatrix(
          "zero points %s have another type than the numbers".formatted(zeros.getName()));
    }
    return matrix;
  }

  private static long count(TensorProto tensor) {
    long count = 1;
    for (long size : tensor.getDimsList()) {
      count *= size;
    }
    return count;
  }

  @Override
  public long rows() {
    return codes.getDims(0);
  }

  @Override
  public long columns() {
    return codes.getDims(1);
  }

  private long tiles() {
    return ceiling(rows(), tile.rows()) * ceiling(columns(), tile.columns());
  }

  private static long ceiling(long all, long part) {
    return part == 0 ? 0 : (all + part - 1) / part;
  }

  @Override
  public FloatTensor read(Path folder) {
    int rows = Math.toIntExact(rows());
    int columns = Math.toIntExact(columns());
    float[] values = new float[Math.multiplyExact(rows, columns)];
    ByteBuffer packed = type.bytes(codes, folder, values.length);
    float[] scale = new TensorNumbers(scales, folder).floats(tiles());
    ByteBuffer zero = zeros == null ? null : type.bytes(zeros, folder, scale.length);
    int tileRows = Math.toIntExact(tile.rows());
    int tileColumns = Math.toIntExact(tile.columns());
    int across = Math.toIntExact(ceiling(columns, tileColumns));
    IntStream.range(0, rows)
        .parallel()
        .forEach(
            r -> {
              for (int c = 0; c < columns; c++) {
                int at = r / tileRows * across + c / tileColumns;
                int code = type.at(packed, r * columns + c);
                values[r * columns + c] =
                    scale[at] * (code - (zero == null ? 0 : type.at(zero, at)));
              }
            });
    return FloatTensor.of(values, rows, columns);
  }
}
