package dev.kvpress.compare.run;

import dev.kvpress.runtime.decode.EditSummary;

/**
 * What a press took.
 *
 * @param nanos time within the press, without that of the second pass
 * @param secondPass what it let the model read again
 */
record PressCost(long nanos, SecondPass secondPass) {
  static final PressCost NONE = new PressCost(0, SecondPass.NONE);

  static PressCost of(EditSummary edit) {
    return new PressCost(edit.pressNanos(), new SecondPass(edit.readingNanos(), edit.readTokens()));
  }

  /** The same and further time, ns, within the press. */
  PressCost plusPress(long more) {
    return new PressCost(nanos + more, secondPass);
  }

  PressCost plus(PressCost more) {
    return new PressCost(
        nanos + more.nanos,
        new SecondPass(
            secondPass.nanos() + more.secondPass.nanos(),
            secondPass.tokens() + more.secondPass.tokens()));
  }
}
