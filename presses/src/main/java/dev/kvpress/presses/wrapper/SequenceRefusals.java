package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressArguments;
import java.util.List;

/** Presses that cannot come after one another, said when the spec is read. */
final class SequenceRefusals {
  private SequenceRefusals() {}

  /** {@code composed}: presses that cannot follow those before them, or evict in decoding. */
  static List<ModelPress> ofComposed(PressArguments arguments) {
    CacheShape left = CacheShape.WHOLE;
    NamedPress moving = null;
    for (NamedPress inner : arguments.presses()) {
      if (moving != null) {
        throw Refusals.refused(
            "in composed '%s' moves tokens and must be the last, as others go by the positions of the text; put '%s' before it",
            moving.spec(), inner.spec());
      }
      moving = inner.press().movesTokens() ? inner : null;
      if (!inner.press().accepts().isAtLeast(left)) {
        throw Refusals.refused(
            "in composed '%s' can be asked only where %s, but after the presses before it %s; put it first",
            inner.spec(), inner.press().accepts().words(), left.words());
      }
      if (inner.press().readsAgain()) {
        throw Refusals.refused(
            "composed hands each press what the one before has left, '%s' reads the whole context a second time; use it alone",
            inner.spec());
      }
      left = left.and(inner.press().leaves());
      if (inner.press().evictsWhileDecoding()) {
        throw Refusals.refused(
            "composed works in the prefill, '%s' evicts in decoding; write prefill_decoding(composed(…),%s)",
            inner.spec(), inner.spec());
      }
    }
    return arguments.presses().stream().map(NamedPress::press).toList();
  }

  /** {@code prefill_decoding}: presses that do not work in their phase, or not after each other. */
  static void ofPrefillDecoding(PressArguments arguments) {
    if (arguments.presses().size() != 2) {
      throw Refusals.refused(
          "prefill_decoding wraps two presses, one for the prefill (or none) and one for decoding, found %d; write for instance prefill_decoding(knorm,decoding(knorm))",
          arguments.presses().size());
    }
    NamedPress prefill = arguments.presses().get(0);
    NamedPress decoding = arguments.presses().get(1);
    if (!decoding.press().evictsWhileDecoding() && !decoding.press().keepsAll()) {
      throw Refusals.refused(
          "the second press of prefill_decoding must evict in decoding, '%s' does not; write for instance decoding(%s)",
          decoding.spec(), decoding.spec());
    }
    if (!prefill.press().phases().contains(Phase.PREFILL)) {
      throw Refusals.refused("'%s' does not work in the prefill", prefill.spec());
    }
    if (prefill.press().appends().isPresent()) {
      throw Refusals.refused(
          "in prefill_decoding '%s' lets trained tokens pass behind the context, which are no text that a press could evict in decoding; use it alone",
          prefill.spec());
    }
    if (!decoding.press().accepts().isAtLeast(prefill.press().leaves())) {
      throw Refusals.refused(
          "in prefill_decoding '%s' can be asked only where %s, but after '%s' %s; take another press for the prefill, for instance streaming_llm",
          decoding.spec(),
          decoding.press().accepts().words(),
          prefill.spec(),
          prefill.press().leaves().words());
    }
    if (prefill.press().movesTokens() && decoding.press().needs().contains(new Signal.Rotary())) {
      throw Refusals.refused(
          "in prefill_decoding '%s' goes by the positions of the text, which '%s' changes; leave the key_rerotation out",
          decoding.spec(), prefill.spec());
    }
  }
}
