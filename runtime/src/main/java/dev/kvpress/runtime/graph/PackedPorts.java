package dev.kvpress.runtime.graph;

import static java.util.Objects.requireNonNull;

/**
 * Names of the inputs that hold the packed tokens of one layer, T of them, a multiple of g; T may
 * be 0. {@link PackedForm} says where a code lies in its byte and gives n, g and the blocks of a
 * value.
 *
 * @param keyCodes input uint8 {@code [B,G,T/g,n,g]}: the tokens of a group side by side
 * @param keyScales input float16 {@code [B,G,T/g,D]}
 * @param keyMinima input float16 {@code [B,G,T/g,D]}
 * @param valueCodes input uint8 {@code [B,G,T,n]}
 * @param valueScales input float16 {@code [B,G,T,blocks]}
 * @param valueMinima input float16 {@code [B,G,T,blocks]}
 */
public record PackedPorts(
    String keyCodes,
    String keyScales,
    String keyMinima,
    String valueCodes,
    String valueScales,
    String valueMinima) {

  /** Checks that every name is there. */
  public PackedPorts {
    requireNonNull(keyCodes, "keyCodes is null");
    requireNonNull(keyScales, "keyScales is null");
    requireNonNull(keyMinima, "keyMinima is null");
    requireNonNull(valueCodes, "valueCodes is null");
    requireNonNull(valueScales, "valueScales is null");
    requireNonNull(valueMinima, "valueMinima is null");
  }

  /** The inputs of a layer. */
  static PackedPorts of(int layer) {
    String keys = "packed_keys." + layer;
    String values = "packed_values." + layer;
    return new PackedPorts(
        keys + ".codes",
        keys + ".scales",
        keys + ".minima",
        values + ".codes",
        values + ".scales",
        values + ".minima");
  }
}
