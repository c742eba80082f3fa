package dev.kvpress.runtime.decode;

import java.util.Arrays;

/** Cuts the tokens of a step into passes that the graph computes rightly. */
final class PassPlan {
  private final GraphBehaviour behaviour;

  PassPlan(GraphBehaviour behaviour) {
    this.behaviour = behaviour;
  }

  /**
   * Sizes of the passes of a prompt on an empty cache.
   *
   * @param window queries that must be together at the end, or follow each other singly
   */
  int[] ofPrompt(int tokens, int chunk, int window) {
    if (behaviour.passTogether(true, false) && behaviour.passTogether(false, false)) {
      return ChunkPlan.of(tokens, chunk, window);
    }
    if (!behaviour.passTogether(false, false)) {
      return singly(tokens);
    }
    int first = Math.min(tokens, chunk);
    int[] sizes = new int[1 + tokens - first];
    Arrays.fill(sizes, 1);
    sizes[0] = first;
    return sizes;
  }

  /** The same where the logits of every token are wanted. */
  int[] ofScoredPrompt(int tokens, int chunk, int window) {
    return behaviour.passes().lastLogitsOnly() ? singly(tokens) : ofPrompt(tokens, chunk, window);
  }

  /** Sizes of the passes of a step whose logits are wanted of every token. */
  int[] ofStep(int tokens, boolean cached, boolean evicted) {
    boolean together =
        !behaviour.passes().lastLogitsOnly() && behaviour.passTogether(cached, evicted);
    return together ? new int[] {tokens} : singly(tokens);
  }

  /** Sizes of the passes of tokens behind a whole cache, whose logits nobody wants. */
  int[] ofReading(int tokens, int chunk) {
    return behaviour.passTogether(true, false) ? ChunkPlan.of(tokens, chunk, 1) : singly(tokens);
  }

  private static int[] singly(int tokens) {
    int[] sizes = new int[tokens];
    Arrays.fill(sizes, 1);
    return sizes;
  }
}
