package dev.kvpress.compare.serve.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which fields an object may have. A field of OpenAI's interface that would change the answer and
 * is not served is refused by name unless it says what is done anyway; one that changes nothing is
 * passed over, for a reason that is written beside it; any other is refused with the nearest name.
 */
public final class FieldRules {
  /** A field that is served in one way only. */
  private record Refusal(Predicate<JsonNode> harmless, String message) {}

  private final Set<String> served;
  private final Map<String, String> passedOver;
  private final Map<String, Refusal> refused;

  private FieldRules(Builder from) {
    served = ImmutableSet.copyOf(from.served);
    passedOver = ImmutableMap.copyOf(from.passedOver);
    refused = ImmutableMap.copyOf(from.refused);
  }

  /** Holds an object against the rules. */
  public void check(Fields fields) {
    for (Map.Entry<String, JsonNode> entry : fields.object().properties()) {
      String name = entry.getKey();
      Refusal refusal = refused.get(name);
      if (refusal != null) {
        if (!entry.getValue().isNull() && !refusal.harmless().test(entry.getValue())) {
          throw ApiException.unsupported(
              fields.named(name), "%s: %s".formatted(fields.named(name), refusal.message()));
        }
      } else if (!served.contains(name) && !passedOver.containsKey(name)) {
        throw unknown(fields, name);
      }
    }
  }

  private ApiException unknown(Fields fields, String name) {
    Set<String> known = new LinkedHashSet<>(served);
    known.addAll(passedOver.keySet());
    PressSpecException nearest =
        PressCatalog.unknown("request field", JsonText.shortened(name), known);
    return ApiException.unsupported(
        fields.named(JsonText.shortened(name)), String.valueOf(nearest.getMessage()));
  }

  /** The fields that are passed over, with the reason. */
  public Map<String, String> passedOver() {
    return passedOver;
  }

  /** Begins rules. */
  public static Builder serving(String... names) {
    return new Builder().serves(names);
  }

  /** Collects rules. */
  public static final class Builder {
    private final Set<String> served = new LinkedHashSet<>();
    private final Map<String, String> passedOver = new LinkedHashMap<>();
    private final Map<String, Refusal> refused = new LinkedHashMap<>();

    private Builder() {}

    /** Fields that are read. */
    public Builder serves(String... names) {
      served.addAll(Set.of(names));
      return this;
    }

    /** A field that may be there and changes nothing. */
    public Builder passes(String name, String reason) {
      passedOver.put(name, reason);
      return this;
    }

    /** A field that is refused unless it says what is done anyway. */
    public Builder refuses(String name, Predicate<JsonNode> unless, String message) {
      refused.put(name, new Refusal(unless, message));
      return this;
    }

    /** A field that is refused whatever it says. */
    public Builder refuses(String name, String message) {
      return refuses(name, node -> false, message);
    }

    /** The rules. */
    public FieldRules build() {
      return new FieldRules(this);
    }
  }
}
