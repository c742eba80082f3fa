package dev.kvpress.compare.serve.answer;

import com.google.common.collect.ImmutableList;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.SamplingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One answer that is to be written.
 *
 * @param prompt number of its prompt in the request
 * @param request how it is written
 * @param seed with which its tokens are drawn; empty where none are
 * @param cached whether its context was there before the request came
 * @param notices remarks on how the request was taken
 */
record Choice(
    int prompt,
    GenerationRequest request,
    OptionalLong seed,
    boolean cached,
    List<String> notices) {
  /** Takes a copy. */
  Choice {
    notices = ImmutableList.copyOf(notices);
  }

  /**
   * Several answers to one prompt: the same but for the seed, which counts up from the one that was
   * asked for, else from any.
   *
   * @param n how many
   */
  static List<Choice> several(
      int prompt, GenerationRequest request, int n, boolean cached, List<String> notices) {
    SamplingOptions sampling = request.sampling();
    boolean draws = sampling.temperature() > 0;
    long first = sampling.seed().orElseGet(() -> ThreadLocalRandom.current().nextInt(1 << 30));
    List<Choice> choices = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      choices.add(
          draws
              ? new Choice(
                  prompt,
                  request.sampling(sampling.withSeed(first + i)),
                  OptionalLong.of(first + i),
                  cached,
                  notices)
              : new Choice(prompt, request, OptionalLong.empty(), cached, notices));
    }
    return choices;
  }
}
