package dev.kvpress.runtime.text.jinja;

/**
 * A piece of a template.
 *
 * @param text a name, an operator, a string without its quotes, a number, or text outside of tags
 * @param line from 1
 */
record Token(Kind kind, String text, int line) {
  enum Kind {
    /** Outside of tags. */
    TEXT,
    /** Begins a statement. */
    BLOCK_BEGIN,
    BLOCK_END,
    /** Begins an expression that is written. */
    OUTPUT_BEGIN,
    OUTPUT_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    /** Behind the last. */
    END
  }

  boolean is(Kind other, String what) {
    return kind == other && text.equals(what);
  }

  boolean isName(String name) {
    return is(Kind.NAME, name);
  }

  boolean isOperator(String operator) {
    return is(Kind.OPERATOR, operator);
  }
}
