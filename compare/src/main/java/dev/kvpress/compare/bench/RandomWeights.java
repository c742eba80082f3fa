package dev.kvpress.compare.bench;

import com.google.common.primitives.Ints;
import dev.kvpress.runtime.export.architecture.DecoderConfig;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * The numbers of a random checkpoint, made while they are written.
 *
 * <p>Weights are normal with deviation 0.02. Projections that end a residual branch are no smaller:
 * beside weaker branches the embedding of the last token would outweigh what was computed, and
 * where it is the last projection too the model would only say its last token again. Projections
 * that make queries and keys give them deviation {@value #QUERY_STD} whatever the width, since
 * narrow models would spread their attention evenly otherwise and no press had anything to find.
 * Norms are ones, biases zeros.
 */
final class RandomWeights {
  private static final double STD = 0.02;
  private static final double QUERY_STD = 1.4;
  private static final int BUFFER_BYTES = 1 << 20;
  private static final Pattern QUERIES_OR_KEYS =
      Pattern.compile(".*\\.(q_proj|k_proj|qkv_proj|query_key_value|c_attn|Wqkv)\\.weight");

  private final DecoderConfig config;
  private final NumberFormat format;
  private final SplittableRandom random;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** Tables by deviation; a model needs two or three. */
  private final Map<Double, NormalTable> tables = new HashMap<>();

  /** The numbers of one seed; the tensors of a model must be asked for in their order. */
  RandomWeights(DecoderConfig config, NumberFormat format, long seed) {
    this.config = config;
    this.format = format;
    this.random = new SplittableRandom(seed);
  }

  /** Writes all numbers of the next tensor. */
  void write(FileChannel out, TensorSpec weight) throws IOException {
    if (weight.shape().size() == 1) {
      writeConstant(out, weight);
      return;
    }
    NormalTable table =
        tables.computeIfAbsent(deviation(weight), deviation -> new NormalTable(deviation, format));
    int most = BUFFER_BYTES / format.bytes();
    for (long left = weight.elements(); left > 0; left -= most) {
      buffer.clear();
      table.put(buffer, (int) Math.min(left, most), random);
      AtomicFile.writeFully(out, buffer.flip());
    }
  }

  private void writeConstant(FileChannel out, TensorSpec weight) throws IOException {
    int bits = format.bits(weight.name().endsWith(".bias") ? 0 : 1);
    ByteBuffer all =
        ByteBuffer.allocate(Ints.checkedCast(weight.elements() * format.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    while (all.hasRemaining()) {
      if (format == NumberFormat.F32) {
        all.putInt(bits);
      } else {
        all.putShort((short) bits);
      }
    }
    AtomicFile.writeFully(out, all.flip());
  }

  private double deviation(TensorSpec weight) {
    return QUERIES_OR_KEYS.matcher(weight.name()).matches()
        ? QUERY_STD / Math.sqrt(config.hidden())
        : STD;
  }
}
