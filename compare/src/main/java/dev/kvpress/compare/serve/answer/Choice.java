package dev.kvpress.compare.serve.answer;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.serve.model.ContextShelf.Lease;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.SamplingOptions;
import dev.kvpress.runtime.generate.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One answer that is to be written.
 *
 * @param prompt number of its prompt in the request
 * @param request how it is written
 * @param seed with which its tokens are drawn; empty where none are
 * @param context behind which its prompt stands, if behind any
 */
record Choice(int prompt, GenerationRequest request, OptionalLong seed, Behind context) {
  /**
   * The context behind which a prompt stands.
   *
   * @param cached whether it was there before the request came
   * @param reading what reading and cutting it took, where that was done for this request
   * @param notices what is to be said of it
   */
  record Behind(boolean cached, Optional<Usage> reading, List<String> notices) {
    /** Takes a copy. */
    Behind {
      notices = ImmutableList.copyOf(notices);
    }

    /** Of a context that a request holds. */
    static Behind of(Lease lease) {
      return new Behind(lease.cached(), lease.reading(), lease.notices());
    }

    /** There is none, and something may have to be said of that. */
    static Behind nothing(List<String> notices) {
      return new Behind(false, Optional.empty(), notices);
    }
  }

  /**
   * Several answers to one prompt: the same but for the seed, which counts up from the one that was
   * asked for, else from any.
   *
   * @param n how many
   */
  static List<Choice> several(int prompt, GenerationRequest request, int n, Behind context) {
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
                  context)
              : new Choice(prompt, request, OptionalLong.empty(), context));
    }
    return choices;
  }
}
