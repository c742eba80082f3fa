package dev.kvpress.runtime.text.jinja;

import com.google.common.math.LongMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Python's operators. */
final class Arithmetic {
  /** Characters; what repeats a text beyond them means harm. */
  private static final long LONGEST_TEXT = 1 << 20;

  private Arithmetic() {}

  static Object apply(String operator, Object left, Object right) {
    for (Object side : new Object[] {left, right}) {
      if (side instanceof Undefined undefined && !operator.equals("~")) {
        throw undefined.misused();
      }
    }
    if (operator.equals("~")) {
      return Values.text(left) + Values.text(right);
    }
    if (operator.equals("+")) {
      if (left instanceof String first && right instanceof String second) {
        return first + second;
      }
      if (left instanceof List<?> first
          && right instanceof List<?> second
          && left instanceof Tuple == right instanceof Tuple) {
        List<Object> both = new ArrayList<>(first);
        both.addAll(second);
        return left instanceof Tuple ? new Tuple(both) : both;
      }
    }
    if (operator.equals("*")) {
      if (left instanceof String text && right instanceof Long times) {
        return repeated(text, times);
      }
      if (left instanceof Long times && right instanceof String text) {
        return repeated(text, times);
      }
    }
    if (operator.equals("%") && left instanceof String) {
      throw JinjaException.notSupported("formatting a text with %");
    }
    if (!isNumber(left) || !isNumber(right)) {
      throw new JinjaException(
          "%s does not go with %s and %s"
              .formatted(operator, Values.repr(left), Values.repr(right)));
    }
    return left instanceof Double || right instanceof Double || operator.equals("/")
        ? real(operator, real(left), real(right))
        : whole(operator, whole(left), whole(right));
  }

  private static String repeated(String text, long times) {
    if (text.isEmpty() || times < 1) {
      return "";
    }
    if (times > LONGEST_TEXT / text.length()) {
      throw new JinjaException("a text is repeated " + times + " times");
    }
    return text.repeat((int) times);
  }

  private static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  private static long whole(Object value) {
    return value instanceof Boolean truth ? (truth ? 1 : 0) : (Long) value;
  }

  static double real(Object value) {
    return value instanceof Double number ? number : (double) whole(value);
  }

  private static Object whole(String operator, long left, long right) {
    try {
      return switch (operator) {
        case "+" -> Math.addExact(left, right);
        case "-" -> Math.subtractExact(left, right);
        case "*" -> Math.multiplyExact(left, right);
        case "//" -> Math.floorDiv(left, right);
        case "%" -> Math.floorMod(left, right);
        case "**" -> right < 0 ? (Object) Math.pow(left, right) : (Object) power(left, right);
        default -> throw JinjaException.notSupported("operator " + operator);
      };
    } catch (ArithmeticException e) {
      throw new JinjaException(left + " " + operator + " " + right + ": " + e.getMessage());
    }
  }

  private static long power(long base, long exponent) {
    // Zero, one and minus one have powers of any height; for others this is high enough.
    return LongMath.checkedPow(base, (int) (exponent > 64 ? 64 + exponent % 2 : exponent));
  }

  private static Object real(String operator, double left, double right) {
    if (right == 0 && !operator.equals("+") && !operator.equals("-") && !operator.equals("*")) {
      throw new JinjaException("division by zero");
    }
    return switch (operator) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "/" -> left / right;
      case "//" -> Math.floor(left / right);
      case "%" -> remainder(left, right);
      default -> throw JinjaException.notSupported("operator " + operator + " on such numbers");
    };
  }

  /** Exact, with the sign of the right side. */
  private static double remainder(double left, double right) {
    double remainder = left % right;
    return remainder != 0 && remainder < 0 != right < 0 ? remainder + right : remainder;
  }

  static Object negative(Object value) {
    return apply("-", 0L, value);
  }

  static boolean equal(Object left, Object right) {
    if (isNumber(left) && isNumber(right)) {
      return left instanceof Double || right instanceof Double
          ? real(left) == real(right)
          : whole(left) == whole(right);
    }
    if (left instanceof List<?> first && right instanceof List<?> second) {
      if (first.size() != second.size() || left instanceof Tuple != right instanceof Tuple) {
        return false;
      }
      for (int i = 0; i < first.size(); i++) {
        if (!equal(first.get(i), second.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (left instanceof Map<?, ?> first && right instanceof Map<?, ?> second) {
      return first.size() == second.size()
          && first.entrySet().stream()
              .allMatch(
                  entry -> {
                    Object other = second.get(entry.getKey());
                    return other != null && equal(entry.getValue(), other);
                  });
    }
    return left.equals(right);
  }

  /** Less than 0, 0 or more than 0, as the left is before, with or behind the right. */
  static int compare(Object left, Object right) {
    if (isNumber(left) && isNumber(right)) {
      return left instanceof Double || right instanceof Double
          ? Double.compare(real(left), real(right))
          : Long.compare(whole(left), whole(right));
    }
    if (left instanceof String first && right instanceof String second) {
      int[] one = first.codePoints().toArray();
      int[] two = second.codePoints().toArray();
      return Arrays.compare(one, two);
    }
    throw new JinjaException(
        "expected two numbers or two texts to compare, found %s and %s"
            .formatted(Values.repr(left), Values.repr(right)));
  }
}
