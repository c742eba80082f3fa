package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.export.Tensor;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.ort.HostTensor;

/**
 * Keys and values of some tokens packed as {@link PackedForm} says, number by number, and what they
 * stand for.
 */
final class PackedTokens {
  private final PackedForm form;
  private final int headSize;
  private final int perToken;

  final Tensor keys;
  final Tensor values;
  final HostTensor keyCodes;
  final HostTensor keyScales;
  final HostTensor keyMinima;
  final HostTensor valueCodes;
  final HostTensor valueScales;
  final HostTensor valueMinima;

  /** Packs {@code [B,G,T,D]}, T a multiple of the group. */
  PackedTokens(Tensor keys, Tensor values, PackedForm form) {
    this.form = form;
    headSize = keys.dim(3);
    perToken = headSize * form.bits() / 8;
    int b = keys.dim(0);
    int g = keys.dim(1);
    int t = keys.dim(2);
    int groups = t / form.keyGroup();
    int blocks = headSize / form.valueGroup();
    this.keys = Tensor.zeros(b, g, t, headSize);
    this.values = Tensor.zeros(b, g, t, headSize);
    keyCodes = HostTensor.allocate(ElementType.UINT8, b, g, groups, perToken, form.keyGroup());
    keyScales = HostTensor.allocate(ElementType.FLOAT16, b, g, groups, headSize);
    keyMinima = HostTensor.allocate(ElementType.FLOAT16, b, g, groups, headSize);
    valueCodes = HostTensor.allocate(ElementType.UINT8, b, g, t, perToken);
    valueScales = HostTensor.allocate(ElementType.FLOAT16, b, g, t, blocks);
    valueMinima = HostTensor.allocate(ElementType.FLOAT16, b, g, t, blocks);
    for (int row = 0; row < b; row++) {
      for (int head = 0; head < g; head++) {
        for (int group = 0; group < groups; group++) {
          for (int d = 0; d < headSize; d++) {
            packKeys(keys, row, head, group, d);
          }
        }
        for (int token = 0; token < t; token++) {
          for (int block = 0; block < blocks; block++) {
            packValues(values, row, head, token, block);
          }
        }
      }
    }
  }

  /** In the order in which the inputs of a layer are named. */
  HostTensor[] tensors() {
    return new HostTensor[] {keyCodes, keyScales, keyMinima, valueCodes, valueScales, valueMinima};
  }

  private void packKeys(Tensor from, int row, int head, int group, int d) {
    int first = group * form.keyGroup();
    float[] numbers = new float[form.keyGroup()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = from.at(row, head, first + i, d);
    }
    Block block = new Block(numbers);
    block.note(keyScales, keyMinima, row, head, group, d);
    for (int i = 0; i < numbers.length; i++) {
      put(keyCodes, block.codes[i], d, row, head, group, d % perToken, i);
      keys.set(block.number(i), row, head, first + i, d);
    }
  }

  private void packValues(Tensor from, int row, int head, int token, int index) {
    float[] numbers = new float[form.valueGroup()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = from.at(row, head, token, index * numbers.length + i);
    }
    Block block = new Block(numbers);
    block.note(valueScales, valueMinima, row, head, token, index);
    for (int i = 0; i < numbers.length; i++) {
      int d = index * numbers.length + i;
      put(valueCodes, block.codes[i], d, row, head, token, d % perToken);
      values.set(block.number(i), row, head, token, d);
    }
  }

  private void put(HostTensor codes, int code, int d, int... at) {
    int index = index(codes, at);
    int shifted = code << form.bits() * (d / perToken);
    codes.data().put(index, (byte) (codes.data().get(index) | shifted));
  }

  private static int index(HostTensor tensor, int... at) {
    int index = 0;
    for (int i = 0; i < at.length; i++) {
      index = (int) (index * tensor.shape()[i] + at[i]);
    }
    return index;
  }

  /** Numbers that share scale and minimum. */
  private final class Block {
    final int[] codes;
    final short scale;
    final short minimum;

    Block(float[] numbers) {
      float low = Float.POSITIVE_INFINITY;
      float high = Float.NEGATIVE_INFINITY;
      for (float number : numbers) {
        low = Math.min(low, number);
        high = Math.max(high, number);
      }
      int most = (1 << form.bits()) - 1;
      minimum = FloatDecoder.floatToHalf(low);
      scale = FloatDecoder.floatToHalf((high - low) / most);
      codes = new int[numbers.length];
      for (int i = 0; i < codes.length; i++) {
        float steps = (numbers[i] - FloatDecoder.halfToFloat(minimum)) / step();
        codes[i] = step() == 0 ? 0 : Math.max(0, Math.min(most, Math.round(steps)));
      }
    }

    private float step() {
      return FloatDecoder.halfToFloat(scale);
    }

    float number(int i) {
      return (float) ((double) step() * codes[i] + FloatDecoder.halfToFloat(minimum));
    }

    void note(HostTensor scales, HostTensor minima, int... at) {
      scales.data().putShort(2 * index(scales, at), scale);
      minima.data().putShort(2 * index(minima, at), minimum);
    }
  }
}
