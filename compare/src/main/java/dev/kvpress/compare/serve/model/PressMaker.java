package dev.kvpress.compare.serve.model;

import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.presses.spec.PressSpec;
import java.util.function.UnaryOperator;

/**
 * Makes the presses that requests name as the server's own is made: with its parameters where a
 * spec does not say them, and with the cache in the bits that it keeps all caches in.
 *
 * @param catalog all presses that may be named
 * @param defaults parameters of presses where a spec does not say them
 * @param format turns a spec into the one whose cache is kept in few bits; the identity where
 *     caches are kept in full
 */
public record PressMaker(
    PressCatalog catalog, PressDefaults defaults, UnaryOperator<String> format) {
  /** Checks that all are there. */
  public PressMaker {
    requireNonNull(catalog, "catalog is null");
    requireNonNull(defaults, "defaults is null");
    requireNonNull(format, "format is null");
  }

  /**
   * What cuts a cache and keeps it.
   *
   * @throws dev.kvpress.presses.spec.PressSpecException if the spec makes no press, or one that
   *     cannot be kept in few bits
   */
  NamedPress kept(String spec) {
    return kept(named(spec));
  }

  /** The press as it is named, without the server's format of caches. */
  NamedPress named(String spec) {
    return catalog.make(PressSpec.parse(spec), defaults);
  }

  /** The same with its cache in the server's format, unless it has one of its own. */
  NamedPress kept(NamedPress press) {
    String spec = press.spec().toString();
    String formatted = format.apply(spec);
    return press.press().cacheFormat().isPresent() || formatted.equals(spec)
        ? press
        : named(formatted);
  }
}
