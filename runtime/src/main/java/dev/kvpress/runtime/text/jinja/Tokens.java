package dev.kvpress.runtime.text.jinja;

import dev.kvpress.runtime.text.jinja.Token.Kind;
import java.util.List;

/** Tokens with a place in them. */
final class Tokens {
  private final List<Token> tokens;
  private int at;

  Tokens(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token next() {
    Token token = tokens.get(at);
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  /** Passes an operator if it stands here. */
  boolean skip(String operator) {
    boolean found = peek().isOperator(operator);
    if (found) {
      next();
    }
    return found;
  }

  /** Passes a name if it stands here. */
  boolean skipName(String name) {
    boolean found = peek().isName(name);
    if (found) {
      next();
    }
    return found;
  }

  void expect(String operator) {
    if (!skip(operator)) {
      throw unexpected("\"" + operator + "\"");
    }
  }

  String name() {
    if (peek().kind() != Kind.NAME) {
      throw unexpected("a name");
    }
    return next().text();
  }

  void expect(Kind kind, String what) {
    if (peek().kind() != kind) {
      throw unexpected(what);
    }
    next();
  }

  JinjaException unexpected(String expected) {
    return new JinjaException("expected " + expected + ", found " + peek().text())
        .at(peek().line());
  }
}
