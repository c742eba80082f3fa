package dev.kvpress.compare.scale.slurm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Writes words so that bash and sbatch read back what was meant, whatever is in them. */
final class ShellWords {
  // No ~, which bash expands, and no braces.
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private static final String INDENT = "  ";

  private ShellWords() {}

  /** A word of bash. */
  static String bash(String word) {
    if (PLAIN.matcher(word).matches()) {
      return word;
    }
    return word.chars().anyMatch(Character::isISOControl)
        ? "$'" + escaped(word) + "'"
        : "'" + word.replace("'", "'\\''") + "'";
  }

  private static String escaped(String word) {
    StringBuilder text = new StringBuilder();
    word.codePoints()
        .forEach(
            c -> {
              if (c == '\\' || c == '\'') {
                text.append('\\').appendCodePoint(c);
              } else if (Character.isISOControl(c)) {
                // By code point: bash writes it in the encoding of the locale, as it came.
                text.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                text.appendCodePoint(c);
              }
            });
    return text.toString();
  }

  /**
   * An array of bash, an option with its values in each line.
   *
   * @param words at least one
   */
  static String array(String name, List<String> words) {
    List<String> lines = new ArrayList<>();
    for (String word : words) {
      String quoted = bash(word);
      int last = lines.size() - 1;
      if (lines.isEmpty() || word.startsWith("--")) {
        lines.add(quoted);
      } else {
        lines.set(last, lines.get(last) + " " + quoted);
      }
    }
    return name + "=(\n" + INDENT + String.join("\n" + INDENT, lines) + "\n)\n";
  }

  /** A value behind {@code #SBATCH --name=}: there backslashes count within all quotes. */
  static String directive(String value) {
    return PLAIN.matcher(value).matches()
        ? value
        : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /**
   * A folder in a pattern of file names, in which sbatch replaces what is behind a percent sign.
   *
   * @throws IllegalArgumentException if no pattern can name it
   */
  static String pattern(String folder) {
    if (folder.indexOf('\\') >= 0 || folder.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "expected a folder without backslashes, line ends and other control characters, since SLURM cannot write logs there, found '%s'; give another name"
              .formatted(folder));
    }
    return folder.replace("%", "%%");
  }
}
