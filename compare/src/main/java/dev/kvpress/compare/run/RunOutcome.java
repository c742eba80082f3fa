package dev.kvpress.compare.run;

/**
 * How a comparison went; what it gave is in the log.
 *
 * @param total pieces of work: cells times samples
 * @param resumed how many of them an earlier run had done
 * @param prefills contexts that were really prefilled; without sharing it would have been one for
 *     each piece of work that was done
 */
public record RunOutcome(int total, int resumed, int prefills) {
  /** One line on the work that sharing saved; empty if there was nothing to share. */
  public String savings() {
    int alone = total - resumed;
    return prefills == 0 || prefills >= alone
        ? ""
        : "prefills: %,d instead of %,d".formatted(prefills, alone);
  }
}
