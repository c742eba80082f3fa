package dev.kvpress.presses;

/** The two moments at which a cache can be edited. */
public enum Phase {
  /** After the whole prompt has passed, however it was cut into chunks. */
  PREFILL,
  /** After a later step, usually of one token. */
  DECODE
}
