package dev.kvpress.runtime.text.jinja;

/** Python's {@code None}, which is not the same as nothing defined. */
public enum None {
  /** The one there is. */
  NONE
}
