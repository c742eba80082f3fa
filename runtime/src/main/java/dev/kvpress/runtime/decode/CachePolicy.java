package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;

/**
 * When the cache of a running conversation is compressed again, and to what: as soon as a pass has
 * left more than {@code bound} tokens a head, down to {@code target}. Between cuts the press
 * observes every pass, so that a cut goes by everything seen since the conversation began, as that
 * of {@code decoding(…)} does; that wrapper counts steps, this rule counts tokens.
 *
 * @param press what cuts; one that works while decoding too and has no sizes of its own
 * @param bound tokens a head, the mean over layers and heads, beyond which it cuts; a pass adds its
 *     own before
 * @param target tokens a head that stay, at least 1 and at most the bound
 */
public record CachePolicy(ModelPress press, int bound, int target) {
  /** Checks the press and the ranges. */
  public CachePolicy {
    requireNonNull(press, "press is null");
    checkArgument(
        1 <= target && target <= bound, "target must be in [1, bound %s], found %s", bound, target);
    checkArgument(
        press.phases().contains(Phase.DECODE) && !press.evictsWhileDecoding(),
        "%s cannot compress a running conversation again: it must work at any step when asked and not by a rhythm of its own",
        press.getClass().getSimpleName());
    checkArgument(
        !press.keepsAll(),
        "%s keeps everything, so that nothing would be cut at the bound; take a press that removes something, or no policy",
        press.getClass().getSimpleName());
    checkArgument(
        press.budgetKind() != BudgetKind.OWN,
        "%s has sizes of its own, which the target cannot set; leave them out",
        press.getClass().getSimpleName());
  }

  /** The press that follows this rule. */
  public ModelPress following() {
    return new BoundedPress(press, bound, Budget.tokens(target));
  }
}
