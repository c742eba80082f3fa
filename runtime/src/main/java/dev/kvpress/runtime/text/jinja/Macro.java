package dev.kvpress.runtime.text.jinja;

import java.util.List;
import java.util.Map;

/**
 * A macro with the variables around it.
 *
 * @param definition its parameters and body; defaults belong to the last parameters
 * @param around what it sees beside its parameters
 */
record Macro(Statement.Define definition, Scope around) {
  Object call(Scope caller, List<Object> values, Map<String, Object> named) {
    Arguments given = new Arguments(definition.name(), values, named, definition.parameters());
    Scope scope = around.calledFrom(caller);
    int first = definition.parameters().size() - definition.defaults().size();
    for (int i = 0; i < definition.parameters().size(); i++) {
      String parameter = definition.parameters().get(i);
      Object otherwise =
          i < first ? new Undefined(parameter) : definition.defaults().get(i - first).value(scope);
      scope.set(parameter, given.get(parameter, otherwise));
    }
    StringBuilder out = new StringBuilder();
    Statement.all(definition.body(), scope, out);
    return out.toString();
  }
}
