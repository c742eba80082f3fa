package dev.kvpress.compare.serve.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The model that is served and how it may be called.
 *
 * @param name without a press, for instance {@code demo}
 * @param maxPositions tokens of a prompt and its answer together, at most; empty where the model
 *     does not say
 * @param standard what cuts its caches where a request says nothing
 * @param aliases further names, each with the press that it stands for
 * @param createdSeconds since when it is served, in seconds since 1970
 */
public record ServedModel(
    String name,
    OptionalInt maxPositions,
    PressWish standard,
    Map<String, PressWish> aliases,
    long createdSeconds) {
  /** What parts a model's name from a press. */
  public static final char SEPARATOR = ':';

  /** The same with the positions that it turned out to have. */
  public ServedModel withPositions(OptionalInt positions) {
    return new ServedModel(name, positions, standard, aliases, createdSeconds);
  }

  /** Checks that names can be told apart. */
  public ServedModel {
    requireNonNull(standard, "standard is null");
    requireNonNull(maxPositions, "maxPositions is null");
    aliases = ImmutableMap.copyOf(aliases);
    checkArgument(!name.isBlank(), "a model's name must not be blank");
    checkArgument(
        name.indexOf(SEPARATOR) < 0,
        "a model's name must not have a '%s', behind which its press stands, found '%s'",
        SEPARATOR,
        name);
    checkArgument(!aliases.containsKey(name), "an alias must not be the model's own name %s", name);
  }
}
