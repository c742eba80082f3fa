package dev.kvpress.peers.side;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.SplittableRandom;

/**
 * What every engine is given to do: a short prompt to warm up, then the measured one and some
 * greedy tokens.
 *
 * @param tokens length of the prompt
 * @param newTokens decoded after the first, which belongs to the prefill
 * @param chunk tokens per pass of a prefill; llama.cpp's micro batch
 * @param threads threads of the engine
 * @param vocabulary V
 * @param seed of the token ids
 */
public record Workload(
    int tokens, int newTokens, int chunk, int threads, int vocabulary, long seed) {
  /** Tokens of the prompt before the measured one. */
  public static final int WARM_UP = 64;

  /** Ids below this one are special in many vocabularies. */
  private static final int FIRST_ID = 3;

  public Workload {
    for (int size : new int[] {tokens, newTokens, chunk, threads}) {
      checkArgument(size >= 1, "every size of the work must be at least 1, found %s", size);
    }
    checkArgument(vocabulary > FIRST_ID, "vocabulary must be above 3, found %s", vocabulary);
  }

  /** The measured prompt. */
  public int[] prompt() {
    return ids(tokens, seed);
  }

  /** Another prompt, so that nothing of it can be used again. */
  public int[] warmUp() {
    return ids(WARM_UP, seed + 1);
  }

  private int[] ids(int count, long from) {
    return new SplittableRandom(from).ints(count, FIRST_ID, vocabulary).toArray();
  }

  /** As arguments of a process. */
  public List<String> toArguments() {
    return List.of(
        Integer.toString(tokens),
        Integer.toString(newTokens),
        Integer.toString(chunk),
        Integer.toString(threads),
        Integer.toString(vocabulary),
        Long.toString(seed));
  }

  /** Reads the arguments of a process from a place on. */
  public static Workload parse(String[] args, int from) {
    return new Workload(
        Integer.parseInt(args[from]),
        Integer.parseInt(args[from + 1]),
        Integer.parseInt(args[from + 2]),
        Integer.parseInt(args[from + 3]),
        Integer.parseInt(args[from + 4]),
        Long.parseLong(args[from + 5]));
  }
}
