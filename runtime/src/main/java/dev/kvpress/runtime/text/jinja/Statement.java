package dev.kvpress.runtime.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What writes text or sets variables. */
interface Statement {
  /** What follows it: the next, or a way out of the loop. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  Flow run(Scope scope, StringBuilder out);

  /** One after the other. */
  static Flow all(List<Statement> body, Scope scope, StringBuilder out) {
    for (Statement statement : body) {
      Flow flow = statement.run(scope, out);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  /** Names the line of what goes wrong in a statement. */
  record Placed(int line, Statement statement) implements Statement {
    @Override
    public Flow run(Scope scope, StringBuilder out) {
      try {
        return statement.run(scope, out);
      } catch (JinjaException e) {
        throw e.at(line);
      }
    }
  }

  /** Text outside of tags. */
  record Text(String text) implements Statement {
    @Override
    public Flow run(Scope scope, StringBuilder out) {
      out.append(text);
      return Flow.NEXT;
    }
  }

  /** {@code {{ a }}}. */
  record Output(Expression expression) implements Statement {
    @Override
    public Flow run(Scope scope, StringBuilder out) {
      out.append(Values.text(expression.value(scope)));
      return Flow.NEXT;
    }
  }

  /** {@code if}, with an {@code elif} as the only statement of {@code otherwise}. */
  record If(Expression condition, List<Statement> then, List<Statement> otherwise)
      implements Statement {
    @Override
    public Flow run(Scope scope, StringBuilder out) {
      return all(Values.isTrue(condition.value(scope)) ? then : otherwise, scope, out);
    }
  }

  /** {@code for}; what is set in it is gone behind it. */
  record For(
      Target target,
      Expression items,
      Optional<Expression> condition,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {
    @Override
    public Flow run(Scope scope, StringBuilder out) {
      List<Object> wanted = new ArrayList<>();
      for (Object item : Values.items(items.value(scope))) {
        scope.step();
        Scope inner = scope.inner();
        target.set(inner, item);
        if (condition.isEmpty() || Values.isTrue(condition.get().value(inner))) {
          wanted.add(item);
        }
      }
      for (int i = 0; i < wanted.size(); i++) {
        Scope inner = scope.inner();
        inner.set("loop", new Loop(wanted, i));
        target.set(inner, wanted.get(i));
        if (all(body, inner, out) == Flow.BREAK) {
          break;
        }
      }
      return wanted.isEmpty() ? all(otherwise, scope.inner(), out) : Flow.NEXT;
    }
  }

  /** {@code set a = b}. */
  record Set(Target target, Expression value) implements Statement {
    @Override
    public Flow run(Scope scope, StringBuilder out) {
      target.set(scope, value.value(scope));
      return Flow.NEXT;
    }
  }

  /** {@code set a} up to {@code endset}: what is written between them. */
  record SetBlock(Target target, List<Statement> body) implements Statement {
    @Override
    public Flow run(Scope scope, StringBuilder out) {
      StringBuilder written = new StringBuilder();
      all(body, scope.inner(), written);
      target.set(scope, written.toString());
      return Flow.NEXT;
    }
  }

  /** {@code macro}. */
  record Define(
      String name, List<String> parameters, List<Expression> defaults, List<Statement> body)
      implements Statement {
    @Override
    public Flow run(Scope scope, StringBuilder out) {
      scope.set(name, new Macro(this, scope));
      return Flow.NEXT;
    }
  }

  /** {@code generation}: marks what the assistant says, for those who train on it. */
  record Generation(List<Statement> body) implements Statement {
    @Override
    public Flow run(Scope scope, StringBuilder out) {
      return all(body, scope.inner(), out);
    }
  }

  /** {@code break} and {@code continue}. */
  record Leave(Flow flow) implements Statement {
    @Override
    public Flow run(Scope scope, StringBuilder out) {
      return flow;
    }
  }
}
