package dev.kvpress.runtime.generate;

import dev.kvpress.runtime.decode.CachePolicy;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a conversation is led.
 *
 * @param compression what cuts the first turn, and later ones if it evicts while decoding; NONE
 *     beside a policy
 * @param policy when the cache is compressed again; empty for never
 * @param sampling how tokens are chosen; the seed of a turn is this one's and the number of the
 *     turn
 * @param stops what ends an answer
 * @param limits when an answer ends at the latest
 * @param alternatives as in {@link GenerationRequest}
 */
public record ConversationOptions(
    Compression compression,
    Optional<CachePolicy> policy,
    SamplingOptions sampling,
    StopRules stops,
    Limits limits,
    OptionalInt alternatives) {}
