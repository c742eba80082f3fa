package dev.kvpress.runtime.text.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A template that has been read. Safe for many threads.
 *
 * <p>Supported: outputs, {@code if}, {@code for} with {@code else}, {@code break} and {@code
 * continue}, {@code set}, {@code macro}, {@code raw}, {@code generation}, white space control, all
 * operators, slices, and the filters, tests and methods that chat templates use. Anything else is
 * refused by name, when the template is read or at the latest where it would count.
 */
public final class JinjaTemplate {
  private final List<Statement> statements;

  private JinjaTemplate(List<Statement> statements) {
    this.statements = statements;
  }

  /**
   * Reads a template.
   *
   * @throws JinjaException with the line, if it is broken or uses what is not supported
   */
  public static JinjaTemplate parse(String source) {
    return new JinjaTemplate(List.copyOf(Parser.parse(source)));
  }

  /**
   * The text that it writes.
   *
   * @param variables by name; values as the package says
   * @throws JinjaException with the line, if it asks for what is not there or not supported, or
   *     refuses what it is given
   */
  public String render(Map<String, Object> variables) {
    Map<String, Object> all = new HashMap<>(Functions.ALL);
    all.putAll(variables);
    StringBuilder out = new StringBuilder();
    Statement.all(statements, Scope.outermost(all), out);
    return out.toString();
  }
}
