package dev.kvpress.presses.scorer;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.PressStates;
import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Scores that tokens got on arrival, kept beside the cache because what they were made from is gone
 * at the next step.
 *
 * @param source what made them; scores of something else are of no use
 * @param tokensSeen tokens that had passed in the first row
 * @param values {@code [B*G][S]}, never written to
 */
record TokenScores(String source, int tokensSeen, float[][] values) implements PressState {
  // Tokens scored at once.
  private static final int BLOCK = 64;

  /** What it is called in files. */
  static final String KIND = "token_scores";

  @Override
  public Optional<SavedState> saved() {
    return Optional.of(
        new SavedState(KIND)
            .with("source", new SavedState(source))
            .with("tokens_seen", tokensSeen)
            .with("values", SavedState.joined(values))
            .with("lengths", SavedState.lengths(values)));
  }

  /** The scores out of a file. */
  static TokenScores restored(SavedState saved, LayerLedger ledger) {
    saved.require(KIND, "source", "tokens_seen", "values", "lengths");
    int[] lengths = saved.ints("lengths", (long) ledger.batch() * ledger.kvHeads());
    for (int head = 0; head < lengths.length; head++) {
      PressStates.requireTokens(saved, ledger, head, lengths[head]);
    }
    return new TokenScores(
        saved.part("source").kind(),
        saved.integer("tokens_seen", 0, ledger.tokensSeen(0)),
        saved.floatRows("values", lengths, ledger.maxLength()));
  }

  /**
   * The scores of all cached tokens, those of earlier steps as remembered.
   *
   * @param source what makes them, in words
   * @param network reads what makes them, given the size of a hidden state
   */
  static TokenScores arrived(LayerSignals layer, String source, IntFunction<StateNetwork> network) {
    Optional<TokenScores> known =
        layer
            .state()
            .filter(TokenScores.class::isInstance)
            .map(TokenScores.class::cast)
            .filter(own -> own.source.equals(source));
    if (known.isPresent() && known.get().tokensSeen() == layer.tokensSeen(0)) {
      return known.get();
    }
    FloatTensor states = layer.hiddenStates();
    int width = states.size(2);
    StateNetwork own = network.apply(width);
    float[][] values = new float[layer.batch() * layer.kvHeads()][];
    for (int b = 0; b < layer.batch(); b++) {
      // Hidden states are right aligned: the last one is that of the last token.
      int firstNew = layer.tokensSeen(b) - states.size(1);
      for (int g = 0; g < layer.kvHeads(); g++) {
        int length = layer.length(b, g);
        int old = layer.slotsBefore(b, g, firstNew);
        float[] ofHead = new float[length];
        System.arraycopy(remembered(layer, source, known, b, g, old), 0, ofHead, 0, old);
        values[b * layer.kvHeads() + g] = ofHead;
      }
      int row = b;
      int first = Math.max(0, -firstNew);
      int blocks = (states.size(1) - first + BLOCK - 1) / BLOCK;
      layer.workers().forEach(blocks, i -> score(layer, own, row, first + i * BLOCK, values));
    }
    return new TokenScores(source, layer.tokensSeen(0), values);
  }

  /** Gives one head its scores. */
  void copyTo(Scores scores, LayerSignals layer, int row, int kvHead) {
    float[] own = values[row * layer.kvHeads() + kvHead];
    for (int j = 0; j < own.length; j++) {
      scores.set(row, kvHead, j, own[j]);
    }
  }

  /** Scores a block of hidden states from the one of index {@code from} on. */
  private static void score(
      LayerSignals layer, StateNetwork network, int row, int from, float[][] values) {
    FloatTensor states = layer.hiddenStates();
    int width = states.size(2);
    int count = Math.min(BLOCK, states.size(1) - from);
    float[] block = new float[count * width];
    states.read((row * states.size(1) + from) * width, block, block.length);
    float[][] columns = new float[width][count];
    Matrices.transpose(block, count, width, columns);
    float[][] byHead = network.scores(columns, count);
    int firstPosition = layer.tokensSeen(row) - states.size(1) + from;
    for (int g = 0; g < layer.kvHeads(); g++) {
      int slot = layer.slotsBefore(row, g, firstPosition);
      for (int j = 0; j < count && slot < layer.length(row, g); j++) {
        if (layer.position(row, g, slot) == firstPosition + j) {
          values[row * layer.kvHeads() + g][slot++] = byHead[g][j];
        }
      }
    }
  }

  private static float[] remembered(
      LayerSignals layer,
      String source,
      Optional<TokenScores> known,
      int row,
      int kvHead,
      int count) {
    float[] own = known.map(k -> k.values()[row * layer.kvHeads() + kvHead]).orElse(new float[0]);
    if (layer.phase() == Phase.DECODE && own.length != count) {
      throw new IllegalStateException(
          "%s remembers the scores of %d of %d tokens that came before this step (layer %d, row %d, KV head %d); it must be asked after the prefill and after every step since"
              .formatted(source, own.length, count, layer.layer(), row, kvHead));
    }
    return own.length == count ? own : new float[count];
  }

  @Override
  public PressState fork() {
    return this;
  }

  @Override
  public PressState afterEdit(CacheEdit edit) {
    return edit.kept().<PressState>map(this::keep).orElse(this);
  }

  private TokenScores keep(KeptSlots kept) {
    float[][] left = new float[values.length][];
    for (int head = 0; head < left.length; head++) {
      int row = head / kept.kvHeads();
      int kvHead = head % kept.kvHeads();
      left[head] = new float[kept.count(row, kvHead)];
      for (int j = 0; j < left[head].length; j++) {
        left[head][j] = values[head][kept.slot(row, kvHead, j)];
      }
    }
    return new TokenScores(source, tokensSeen, left);
  }
}
