package dev.kvpress.presses;

import dev.kvpress.presses.signal.LayerSignals;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A press that gives each cached token a score and keeps the highest: write {@link #score} and have
 * a press.
 *
 * <p>Per batch row and KV head {@code max(1, (int) (n * (1 - r)))} tokens stay, with {@code n} the
 * cached tokens in the prefill and the tokens seen in decoding. A budget that keeps all returns
 * without a score. Of equal scores the later token stays. After kvpress {@code scorer_press.py}.
 */
public abstract class ScorerPress implements Press {

  /** When a score of this press means something, for wrappers that judge a token only once. */
  public enum ScoreTiming {
    /** The score grows with every query (observed attention). */
    OBSERVED,
    /** The score depends on the token alone and is final when the token arrives. */
    ARRIVAL,
    /** The score needs the other tokens of the cache or the last queries. */
    CONTEXT
  }

  /**
   * Scores the cached tokens of one layer.
   *
   * @param layer holds at least {@link #needs()}
   * @param budget what will be kept; most scores do not depend on it
   * @return {@code [B, G, S]}, higher is more important; tokens that must stay are protected, not
   *     given huge scores
   */
  public abstract Scores score(LayerSignals layer, Budget budget);

  /** When the score means something. */
  public ScoreTiming scoreTiming() {
    return ScoreTiming.CONTEXT;
  }

  /** Whether scores depend on what will be kept, so that they mean nothing without a budget. */
  public boolean scoresByBudget() {
    return false;
  }

  /**
   * How many of the first tokens this scorer always protects without marking them in the scores of
   * a budget that keeps all, for wrappers with a rule of their own.
   */
  public int protectedHead() {
    return 0;
  }

  /** How many of the last tokens this scorer always protects, as far as the budget allows. */
  public int protectedTail() {
    return 0;
  }

  /** {@link #protectedTail()} of one row, for scorers whose window depends on the text. */
  public int protectedTail(LayerSignals layer, int row) {
    return protectedTail();
  }

  /** The budget that is followed, for scorers with sizes of their own. */
  protected Budget effective(LayerSignals layer, Budget budget) {
    return budget;
  }

  @Override
  public Set<Phase> phases() {
    return EnumSet.allOf(Phase.class);
  }

  @Override
  public CacheEdit compress(LayerSignals signals, Budget budget) {
    Budget followed = effective(signals, budget);
    if (followed.keepsAll()) {
      return CacheEdit.none();
    }
    Optional<PressState> state = observe(signals);
    LayerSignals layer = state.map(signals::withState).orElse(signals);
    if (!removesSomething(layer, followed)) {
      return CacheEdit.none().remembering(state);
    }
    Scores scores = score(layer, followed);
    scores.requireNumbers(layer);
    CacheEdit edit =
        CacheEdit.keep(layer, (b, g) -> scores.top(b, g, keptTokens(layer, followed, b, g)))
            .remembering(state);
    return remarked(edit, layer, followed);
  }

  /**
   * An edit with a word on it where no score has counted: all that the heads of a row keep is
   * protected. Wrappers that share out a budget by these scores say it too.
   */
  public final CacheEdit remarked(CacheEdit edit, LayerSignals layer, Budget followed) {
    if (edit.kept().isEmpty()) {
      return edit;
    }
    KeptSlots kept = edit.kept().get();
    if (keepsOnlyFirst(layer, kept)) {
      return edit.withNotice(
          "the protected first %d tokens take up the whole budget (%s): only some of these stay and no score counts; give fewer of them (n_sink) or a larger budget"
              .formatted(protectedHead(), followed.describe()));
    }
    // With sizes of one's own a window without heavy hitters is a choice, not an accident.
    return budgetKind() != BudgetKind.OWN && keepsOnlyWindow(layer, kept)
        ? edit.withNotice(
            "the protected window of the last %d tokens takes up the whole budget (%s): only the most recent tokens stay and no score counts; give a smaller window or a larger budget"
                .formatted(protectedTail(layer, 0), followed.describe()))
        : edit;
  }

  /** Whether all that the heads of some row keep together is no more than their first tokens. */
  private boolean keepsOnlyFirst(LayerSignals layer, KeptSlots kept) {
    for (int b = 0; b < layer.batch(); b++) {
      long cached = 0;
      long stays = 0;
      long first = 0;
      for (int g = 0; g < layer.kvHeads(); g++) {
        cached += layer.length(b, g);
        stays += kept.count(b, g);
        first += layer.slotsBefore(b, g, protectedHead());
      }
      if (stays < cached && stays <= first) {
        return true;
      }
    }
    return false;
  }

  /** Whether all heads of some row are cut down to the protected window or less. */
  private boolean keepsOnlyWindow(LayerSignals layer, KeptSlots kept) {
    for (int b = 0; b < layer.batch(); b++) {
      boolean only = true;
      for (int g = 0; g < layer.kvHeads(); g++) {
        int count = kept.count(b, g);
        only &= count < layer.length(b, g) && count <= protectedTail(layer, b);
      }
      if (only) {
        return true;
      }
    }
    return false;
  }

  /**
   * Number of tokens a budget grants one head, whether it holds that many or not; wrappers ask it
   * too. A press which shares its budget between layers in its own way overrides it.
   */
  public int grantedTokens(LayerSignals layer, Budget budget, int row, int kvHead) {
    return effective(layer, budget).keptOf(countedTokens(layer, row, kvHead));
  }

  /** Number of tokens that stay in one head under a budget. */
  public final int keptTokens(LayerSignals layer, Budget budget, int row, int kvHead) {
    return Math.min(layer.length(row, kvHead), grantedTokens(layer, budget, row, kvHead));
  }

  /** The tokens a budget is a fraction of: those cached in the prefill, those seen in decoding. */
  public static int countedTokens(LayerSignals layer, int row, int kvHead) {
    return layer.phase() == Phase.PREFILL ? layer.length(row, kvHead) : layer.tokensSeen(row);
  }

  /** Whether a budget removes anything from any head. */
  public final boolean removesSomething(LayerSignals layer, Budget budget) {
    for (int b = 0; b < layer.batch(); b++) {
      for (int g = 0; g < layer.kvHeads(); g++) {
        if (keptTokens(layer, budget, b, g) < layer.length(b, g)) {
          return true;
        }
      }
    }
    return false;
  }
}
