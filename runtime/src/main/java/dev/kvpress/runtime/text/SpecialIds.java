package dev.kvpress.runtime.text;

import com.google.common.collect.ImmutableSet;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * The ids that begin and end a text.
 *
 * @param bos the ones that begin it, the first of them first; a model need not use it, see GPT-2
 * @param eos the ones that end it
 */
record SpecialIds(ImmutableSet<Integer> bos, ImmutableSet<Integer> eos) {

  /**
   * Names come first: they are the tokenizer's own word, the ids those of the model beside it.
   *
   * @param lookup the id of a token by its text, if there is one
   * @param size number of ids
   */
  static SpecialIds of(
      TokenizerConfig config, TokenizerClass kind, Function<String, OptionalInt> lookup, int size) {
    return new SpecialIds(
        ids(SpecialNames.BOS, config, kind, config.bosIds(), lookup, size),
        ids(SpecialNames.EOS, config, kind, config.eosIds(), lookup, size));
  }

  private static ImmutableSet<Integer> ids(
      String part,
      TokenizerConfig config,
      TokenizerClass kind,
      Iterable<Integer> further,
      Function<String, OptionalInt> lookup,
      int size) {
    ImmutableSet.Builder<Integer> ids = ImmutableSet.builder();
    config.names().text(part, kind).map(lookup).ifPresent(id -> id.ifPresent(ids::add));
    for (int id : further) {
      // Configurations of models without such a token carry library defaults that mean nothing.
      if (id >= 0 && id < size) {
        ids.add(id);
      }
    }
    return ids.build();
  }

  private static OptionalInt first(ImmutableSet<Integer> ids) {
    return ids.isEmpty() ? OptionalInt.empty() : OptionalInt.of(ids.asList().get(0));
  }

  OptionalInt firstBos() {
    return first(bos);
  }

  OptionalInt firstEos() {
    return first(eos);
  }
}
