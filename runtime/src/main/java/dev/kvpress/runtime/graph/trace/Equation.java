package dev.kvpress.runtime.graph.trace;

import dev.kvpress.runtime.graph.NodeAttributes;
import dev.kvpress.runtime.onnx.NodeProto;

/** The equation of an Einsum with two operands, such as {@code bhqd,bhkd->bhqk}. */
record Equation(String left, String right, String result) {
  private static final char NONE = '?';

  static Equation of(NodeProto einsum) {
    String text = new NodeAttributes(einsum).text("equation", "").replace(" ", "");
    String[] sides = text.split("->", -1);
    String[] operands = sides[0].split(",", -1);
    // Equations with dots or without a result name no axis, so that nothing fits them.
    boolean plain = sides.length == 2 && operands.length == 2 && !text.contains(".");
    return plain ? new Equation(operands[0], operands[1], sides[1]) : new Equation("", "", text);
  }

  /** The letter of an operand's axis that is counted from the end. */
  char letter(int operand, int fromEnd) {
    String letters = operand == 0 ? left : right;
    int place = letters.length() - fromEnd;
    return place >= 0 && fromEnd > 0 && place < letters.length() ? letters.charAt(place) : NONE;
  }

  boolean endsWith(char letter) {
    return !result.isEmpty() && !left.isEmpty() && result.charAt(result.length() - 1) == letter;
  }

  boolean isContracted(char letter) {
    return letter != NONE && !left.isEmpty() && result.indexOf(letter) < 0;
  }

  int rank() {
    return result.length();
  }

  String text() {
    return left.isEmpty() ? result : left + "," + right + "->" + result;
  }
}
