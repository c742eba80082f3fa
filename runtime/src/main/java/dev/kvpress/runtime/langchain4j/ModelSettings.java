package dev.kvpress.runtime.langchain4j;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.generate.Compression;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.Limits;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.generate.SamplingOptions;
import dev.kvpress.runtime.generate.SharedContext;
import dev.kvpress.runtime.generate.StopRules;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a model was built with.
 *
 * @param generator what generates
 * @param modelName how it is called
 * @param compression what cuts the cache
 * @param positions where tokens stand
 * @param context behind which all prompts stand
 * @param sampling how tokens are chosen
 * @param stops what ends texts
 * @param limits when they end at the latest
 */
record ModelSettings(
    Generator generator,
    String modelName,
    Compression compression,
    Positions positions,
    Optional<SharedContext> context,
    SamplingOptions sampling,
    StopRules stops,
    Limits limits) {
  ModelSettings {
    checkArgument(
        context.isEmpty() || compression.equals(Compression.NONE),
        "give a context or a press, not both: a context goes on with the press that has cut it");
  }

  /** A request with everything as it was built. */
  GenerationRequest request(Prompt prompt) {
    return new GenerationRequest(
        prompt,
        context,
        compression,
        positions,
        sampling,
        stops,
        limits,
        OptionalInt.empty(),
        false);
  }
}
