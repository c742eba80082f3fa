package dev.kvpress.runtime.text.jinja;

/** Backslashes in strings, as Python reads them. */
final class Escapes {
  private Escapes() {}

  static String resolve(String text, int line) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder resolved = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\' || i + 1 == text.length()) {
        resolved.append(c);
        continue;
      }
      char next = text.charAt(++i);
      switch (next) {
        case '\n' -> {}
        case 'n' -> resolved.append('\n');
        case 't' -> resolved.append('\t');
        case 'r' -> resolved.append('\r');
        case 'b' -> resolved.append('\b');
        case 'f' -> resolved.append('\f');
        case 'a' -> resolved.append('\u0007');
        case 'v' -> resolved.append('\u000b');
        case '\\', '\'', '"' -> resolved.append(next);
        case 'x', 'u', 'U' -> {
          int digits = next == 'x' ? 2 : next == 'u' ? 4 : 8;
          resolved.appendCodePoint(codePoint(text, i + 1, digits, line));
          i += digits;
        }
        case 'N', '0', '1', '2', '3', '4', '5', '6', '7' ->
            throw JinjaException.notSupported("'\\" + next + "' in a string").at(line);
        default -> resolved.append('\\').append(next);
      }
    }
    return resolved.toString();
  }

  private static int codePoint(String text, int from, int digits, int line) {
    try {
      int point = Integer.parseInt(text.substring(from, from + digits), 16);
      if (Character.isValidCodePoint(point)) {
        return point;
      }
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      // Said below.
    }
    throw new JinjaException("expected " + digits + " hexadecimal digits of a character").at(line);
  }
}
