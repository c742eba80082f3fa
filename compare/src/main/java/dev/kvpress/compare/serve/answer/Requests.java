package dev.kvpress.compare.serve.answer;

import dev.kvpress.compare.serve.ask.AskOptions;
import dev.kvpress.runtime.generate.GenerationRequest;
import java.util.OptionalInt;

/** Puts what requests of both kinds say into a request for the generator. */
final class Requests {
  private Requests() {}

  static GenerationRequest with(
      GenerationRequest request, AskOptions options, OptionalInt logprobs) {
    GenerationRequest full = request.sampling(options.sampling()).stoppingAt(options.stops());
    if (logprobs.isPresent()) {
      full = full.withLogProbabilities(logprobs.getAsInt());
    }
    return options.keptMap() ? full.describingKept() : full;
  }
}
