package dev.kvpress.runtime.probe;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphPrecision;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a graph still computes the right thing when tokens are gone from its cache and the others
 * stand where they stood. That is so if a query's result depends on the tokens in the cache and on
 * its own position, but neither on how many slots there are nor on which slot holds which token.
 *
 * <ol>
 *   <li>A token that attends to nothing but copies of itself gives the same as one that attends to
 *       itself alone, however many copies there are. Rotary angles or position embeddings that
 *       count slots show here, since the new keys are other ones.
 *   <li>One of the copies has values that stand out. Whether it is the oldest or the newest must
 *       not matter. Windows and distance penalties that count slots show here.
 *   <li>Behind fewer slots than its position, two tokens at once give the same as one after the
 *       other. Masks that confuse slots and positions show here.
 * </ol>
 *
 * <p>Safe for many threads: one probes, who needs its answer waits.
 */
public final class EvictionProbe {
  private static final int FEW = 16;

  /** A window of fewer tokens is none; what shows so early goes by every slot. */
  private static final int SMALLEST_WINDOW = 3;

  private final ProbeSession session;
  private final DecoderInterface ports;
  private final Agreement agreement;
  private final PassBehaviour behaviour;
  private final int mostPositions;
  private int right = 1;

  /** What {@link #right} was when a probe was over; most questions are answered by it at once. */
  private volatile int proven = 1;

  private volatile boolean together;
  private boolean triedTogether;
  private @Nullable String refusal;

  /**
   * Prepares; nothing runs yet.
   *
   * @param mostPositions positions the model has, {@link Integer#MAX_VALUE} where unknown
   */
  public EvictionProbe(
      ProbeSession session, GraphPrecision precision, PassBehaviour behaviour, int mostPositions) {
    this.session = session;
    this.ports = session.ports();
    this.agreement = Agreement.of(precision);
    this.behaviour = behaviour;
    this.mostPositions = mostPositions;
    this.together = behaviour.togetherLater();
  }

  /**
   * Why tokens cannot be removed in texts of some length; empty where they can.
   *
   * @param positions how far the text goes, tokens to be generated included
   */
  public Optional<String> refusal(int positions) {
    return positions <= proven ? Optional.empty() : probed(positions);
  }

  private synchronized Optional<String> probed(int positions) {
    Optional<String> outcome = probedFurther(positions);
    // Not after a failure: what the first probe finds out may be wanting still.
    proven = right;
    return outcome;
  }

  private Optional<String> probedFurther(int positions) {
    if (positions <= right && (triedTogether || refusal != null)) {
      return Optional.empty();
    }
    if (refusal == null && right == 1) {
      refusal = tried(Math.min(FEW, mostPositions));
    }
    if (refusal == null && !triedTogether) {
      together = together && passesTogether(right);
      triedTogether = true;
    }
    if (refusal == null && right < positions) {
      // Somewhat further, so that a text that grows is not probed at each token.
      int ahead = Math.min(mostPositions, positions + Math.max(positions / 8, 4 * FEW));
      refusal = tried(ahead);
      if (refusal != null && right < positions) {
        refusal = tried(positions);
      }
    }
    return positions <= right ? Optional.empty() : Optional.ofNullable(refusal);
  }

  /** Whether several tokens may pass at once when tokens are gone. */
  public boolean togetherAfterEviction() {
    return together;
  }

  private @Nullable String tried(int positions) {
    try {
      return probe(positions);
    } catch (ModelException e) {
      return "the graph fails on a cache as it would be left: " + e.getMessage();
    }
  }

  private @Nullable String probe(int positions) {
    int slots = positions - 1;
    ProbePass alone = alone(slots);
    if (!countsNoSlots(alone, slots)) {
      return (ports.positionIds() == null
              ? "the graph has no position_ids input and takes positions from the number of cached tokens"
              : "the graph takes positions from the number of cached tokens and not from position_ids alone")
          + (right > 1 ? " in texts of %d positions".formatted(positions) : "")
          + "; that is another number once tokens are gone";
    }
    if (seesAllAlike(alone, slots)) {
      right = positions;
      return null;
    }
    int fails = positions;
    while (fails - right > 1) {
      int middle = right + (fails - right) / 2;
      if (seesAllAlike(alone(middle - 1), middle - 1)) {
        right = middle;
      } else {
        fails = middle;
      }
    }
    if (right < SMALLEST_WINDOW) {
      right = 1;
      return "what a token attends to depends on the slots in which the others lie (distance penalties or a window that count slots); these are other ones once tokens are gone";
    }
    return "the graph has a window of about %d tokens that counts slots, which is another window once tokens are gone; up to %d positions it is right"
        .formatted(right, right);
  }

  private ProbePass alone(int position) {
    return session.pass(ProbeCache.empty(ports), position, token());
  }

  private int token() {
    return behaviour.vocabulary() / 2;
  }

  private boolean countsNoSlots(ProbePass alone, int slots) {
    ProbePass among = session.pass(ProbeCache.copies(alone, slots), slots, token());
    return agreement.holds(among.newRows(1), alone.newRows(1))
        && agreement.holds(among.lastLogits(), alone.lastLogits());
  }

  private boolean seesAllAlike(ProbePass alone, int slots) {
    ProbeCache cache = ProbeCache.copies(alone, slots);
    Set<String> logits = Set.of(ports.logits());
    cache.raiseValues(ports, 0);
    float[] oldest = session.pass(logits, cache, slots, token()).lastLogits();
    cache.swap(ports, 0, slots - 1);
    float[] newest = session.pass(logits, cache, slots, token()).lastLogits();
    return agreement.holds(newest, oldest);
  }

  private boolean passesTogether(int positions) {
    // Two positions are left for the two tokens.
    int slots = positions - 2;
    ProbeCache cut = ProbeCache.copies(alone(slots), Math.max(1, slots / 2));
    int next = behaviour.vocabulary() / 4;
    ProbePass first = session.pass(cut, slots, token());
    float[] expected = session.pass(ProbeCache.after(first), slots + 1, next).lastLogits();
    return agreement.holds(session.pass(cut, slots, token(), next).lastLogits(), expected);
  }
}
