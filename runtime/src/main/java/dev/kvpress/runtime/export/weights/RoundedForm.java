package dev.kvpress.runtime.export.weights;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/**
 * A weight whose numbers are those of IEEE 754 binary16, stored as float32. For engines that have
 * no product of halves: they would widen them for every session anew, while this file is mapped
 * once for all.
 */
record RoundedForm(TensorSpec spec) implements WeightForm {

  @Override
  public List<StoredTensor> tensors() {
    return wide().tensors();
  }

  private WideForm wide() {
    return new WideForm(spec);
  }

  @Override
  public List<Long> regionBytes() {
    return wide().regionBytes();
  }

  @Override
  public void write(Numbers numbers, List<WritableByteChannel> regions) throws IOException {
    try (HalfEncoder encoder = new HalfEncoder(spec.name(), regions.get(0), true)) {
      numbers.copyTo(encoder);
    }
  }
}
