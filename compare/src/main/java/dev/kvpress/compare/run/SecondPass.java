package dev.kvpress.compare.run;

/**
 * What a press let the model read a second time.
 *
 * @param nanos time of the passes
 * @param tokens that passed in them; 0 for a press that reads nothing again
 */
public record SecondPass(long nanos, long tokens) {
  /** Nothing was read again. */
  public static final SecondPass NONE = new SecondPass(0, 0);
}
