package dev.kvpress.runtime.text.jinja;

import java.util.List;

/** What a value is set to. */
interface Target {
  void set(Scope scope, Object value);

  /** A variable. */
  record Variable(String name) implements Target {
    @Override
    public void set(Scope scope, Object value) {
      scope.set(name, value);
    }
  }

  /** A variable of a namespace. */
  record Member(String namespace, String name) implements Target {
    @Override
    public void set(Scope scope, Object value) {
      Object of = scope.get(namespace);
      if (!(of instanceof Namespace values)) {
        throw new JinjaException(
            "set %s.%s: expected a namespace, found %s"
                .formatted(namespace, name, of instanceof Undefined ? "nothing" : "another value"));
      }
      values.set(name, value);
    }
  }

  /** Several at once. */
  record Several(List<Target> targets) implements Target {
    @Override
    public void set(Scope scope, Object value) {
      List<Object> items = Values.items(value);
      if (items.size() != targets.size()) {
        throw new JinjaException(
            "expected %d values to set, found %d".formatted(targets.size(), items.size()));
      }
      for (int i = 0; i < items.size(); i++) {
        targets.get(i).set(scope, items.get(i));
      }
    }
  }
}
