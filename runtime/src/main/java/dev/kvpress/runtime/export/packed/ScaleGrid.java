package dev.kvpress.runtime.export.packed;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;

/**
 * Scales of the groups of a matrix.
 *
 * @param stored floats of two axes, perhaps with more columns than there are groups
 * @param outputs axis along which the outputs of the weight lie
 */
record ScaleGrid(Entry stored, Axis outputs) {

  /**
   * All of them.
   *
   * @return {@code [out,groups]}
   */
  float[] read(int out, int groups) throws IOException {
    float[] numbers = stored.read();
    int width = Math.toIntExact(stored.shape().get(1));
    boolean byRows = outputs == Axis.ROWS;
    float[] scales = new float[Math.multiplyExact(out, groups)];
    for (int o = 0; o < out; o++) {
      for (int g = 0; g < groups; g++) {
        float scale = byRows ? numbers[o * width + g] : numbers[g * width + o];
        if (!Float.isFinite(scale)) {
          throw new ModelException(
              "%s: tensor %s: expected finite scales, found %s for output %d in group %d"
                  .formatted(stored.file(), stored.name(), scale, o, g));
        }
        scales[o * groups + g] = scale;
      }
    }
    return scales;
  }
}
