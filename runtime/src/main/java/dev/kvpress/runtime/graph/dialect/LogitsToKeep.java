package dev.kvpress.runtime.graph.dialect;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphEdit;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An input that says of how many last tokens logits are wanted, {@code num_logits_to_keep}. It
 * becomes the constant 0, by which these graphs mean all of them.
 */
final class LogitsToKeep implements Dialect {
  private static final Set<String> NAMES = Set.of("num_logits_to_keep", "logits_to_keep");

  @Override
  public Optional<String> translate(PortList ports, GraphEdit edit) {
    for (String name : NAMES) {
      if (ports.hasInput(name)) {
        List<Long> shape = ports.shape(name);
        ElementType type = ports.type(name);
        boolean one = shape.isEmpty() || shape.equals(List.of(1L));
        if (!one || (type != ElementType.INT64 && type != ElementType.INT32)) {
          throw new ModelException(
              "%s: input %s must be one integer, found %s %s (-1 is open)"
                  .formatted(ports.place(), name, type, shape));
        }
        edit.removeInput(name);
        Border.constant(edit, name, type, shape, 0);
        return Optional.of("input %s, always 0 for all logits".formatted(name));
      }
    }
    return Optional.empty();
  }
}
