package dev.kvpress.runtime.text.jinja;

import dev.kvpress.runtime.text.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, with {@code trim_blocks} and {@code lstrip_blocks} on, as
 * transformers sets them: the line break behind a statement or comment goes, and so do the blanks
 * before one that begins its line. A minus sign takes all white space, a plus sign keeps all.
 */
final class Lexer {
  private static final Pattern OPENING = Pattern.compile("\\{[{%#]");
  private static final Pattern RAW =
      Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-%}\\s*|\\+?%}\\n?)", Pattern.DOTALL);
  private static final Pattern END_RAW =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(-%}\\s*|\\+%}|%}\\n?)", Pattern.DOTALL);
  private static final Pattern NUMBER =
      Pattern.compile("\\d+(_\\d+)*(\\.\\d+(_\\d+)*)?([eE][+-]?\\d+)?");
  private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
  private static final Pattern OPERATOR =
      Pattern.compile("\\*\\*|//|==|!=|<=|>=|[-+*/%~\\[\\](){}<>=.:|,;]");

  /** More than any tag has, and few enough for the stack of what reads them. */
  private static final int LONGEST_TAG = 2_000;

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  /** Whether what was read last ended a line. */
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    // One line break at the end of a template is the editor's.
    return new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source)
        .all();
  }

  private List<Token> all() {
    while (at < source.length()) {
      Matcher opening = OPENING.matcher(source);
      if (!opening.find(at)) {
        text(source.length(), ' ', false);
        break;
      }
      int begin = opening.start();
      char kind = source.charAt(begin + 1);
      char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
      Matcher raw = RAW.matcher(source).region(begin, source.length());
      text(begin, sign, kind != '{');
      if (raw.lookingAt()) {
        raw(raw);
      } else if (kind == '#') {
        comment();
      } else {
        tag(kind, sign == '-' || sign == '+' ? 3 : 2);
      }
    }
    add(Kind.END, "the end");
    return tokens;
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private void moveTo(int end) {
    for (int i = at; i < end; i++) {
      if (source.charAt(i) == '\n') {
        line++;
      }
    }
    lineStarts = end > at ? source.charAt(end - 1) == '\n' : lineStarts;
    at = end;
  }

  /** Text up to a tag, which may take its last blanks. */
  private void text(int end, char sign, boolean ownsLine) {
    int kept = end;
    if (sign == '-') {
      while (kept > at && isSpace(source.charAt(kept - 1))) {
        kept--;
      }
    } else if (sign != '+' && ownsLine) {
      int start = source.lastIndexOf('\n', end - 1) + 1;
      int from = Math.max(start, at);
      if ((start > at || lineStarts)
          && source.substring(from, end).chars().allMatch(Lexer::isSpace)) {
        kept = from;
      }
    }
    if (kept > at) {
      add(Kind.TEXT, source.substring(at, kept));
    }
    moveTo(end);
  }

  private static boolean isSpace(int c) {
    return Character.isWhitespace(c) || c == 0xa0;
  }

  private void raw(Matcher begin) {
    moveTo(begin.end());
    Matcher end = END_RAW.matcher(source);
    if (!end.find(at)) {
      throw new JinjaException("expected {% endraw %}, found the end").at(line);
    }
    char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
    text(end.start(), sign, true);
    moveTo(end.end());
  }

  private void comment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw new JinjaException("expected #} at the end of a comment, found the end").at(line);
    }
    moveTo(behind(end + 2, source.charAt(end - 1), true));
  }

  /** Where the text goes on behind a tag. */
  private int behind(int end, char sign, boolean ownsLine) {
    int next = end;
    if (sign == '-') {
      while (next < source.length() && isSpace(source.charAt(next))) {
        next++;
      }
    } else if (ownsLine && sign != '+' && next < source.length() && source.charAt(next) == '\n') {
      next++;
    }
    return next;
  }

  private void tag(char kind, int length) {
    boolean output = kind == '{';
    String close = output ? "}}" : "%}";
    add(output ? Kind.OUTPUT_BEGIN : Kind.BLOCK_BEGIN, source.substring(at, at + 2));
    moveTo(at + length);
    int open = 0;
    int first = tokens.size();
    while (true) {
      if (tokens.size() - first > LONGEST_TAG) {
        throw new JinjaException("a tag has more than " + LONGEST_TAG + " parts").at(line);
      }
      if (at >= source.length()) {
        throw new JinjaException("expected " + close + ", found the end").at(line);
      }
      char c = source.charAt(at);
      if (open == 0 && closes(close)) {
        boolean signed = c == '-' || c == '+';
        int end = at + (signed ? 3 : 2);
        add(output ? Kind.OUTPUT_END : Kind.BLOCK_END, close);
        moveTo(behind(end, signed ? c : ' ', !output));
        return;
      }
      if (isSpace(c)) {
        moveTo(at + 1);
      } else if (c == '\'' || c == '"') {
        string(c);
      } else {
        open += word();
      }
    }
  }

  private boolean closes(String close) {
    char c = source.charAt(at);
    return source.startsWith(close, at)
        || (c == '-' || c == '+') && source.startsWith(close, at + 1);
  }

  /** A name, number or operator; what it adds to the number of open brackets. */
  private int word() {
    if (take(NUMBER)) {
      String text = source.substring(at, numberEnd()).replace("_", "");
      boolean whole = text.chars().allMatch(Character::isDigit);
      add(whole ? Kind.INTEGER : Kind.FLOAT, text);
      moveTo(numberEnd());
      return 0;
    }
    if (take(NAME)) {
      Matcher name = matcher(NAME);
      add(Kind.NAME, name.group());
      moveTo(name.end());
      return 0;
    }
    Matcher operator = matcher(OPERATOR);
    if (!operator.lookingAt()) {
      throw new JinjaException("unexpected character '" + source.charAt(at) + "'").at(line);
    }
    add(Kind.OPERATOR, operator.group());
    moveTo(operator.end());
    return switch (operator.group()) {
      case "(", "[", "{" -> 1;
      case ")", "]", "}" -> -1;
      default -> 0;
    };
  }

  private boolean take(Pattern pattern) {
    return matcher(pattern).lookingAt();
  }

  private int numberEnd() {
    return matcher(NUMBER).end();
  }

  private Matcher matcher(Pattern pattern) {
    Matcher matcher = pattern.matcher(source).region(at, source.length());
    matcher.lookingAt();
    return matcher;
  }

  private void string(char quote) {
    int begin = at + 1;
    int end = begin;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw new JinjaException("expected " + quote + " at the end of a string, found the end")
          .at(line);
    }
    add(Kind.STRING, Escapes.resolve(source.substring(begin, end), line));
    moveTo(end + 1);
  }
}
