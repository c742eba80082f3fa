package dev.kvpress.runtime.generate;

import java.util.OptionalInt;

/**
 * What tokens are to be scored, and over which cache.
 *
 * @param prompt whose tokens are scored
 * @param compression what cuts the cache
 * @param contextTokens tokens that are read and cut before the others pass over what is left of
 *     them; their own scores are those of the full cache. Empty: a press that cuts is asked after
 *     every token, so that each is scored over the cache of those before it as it is cut then
 * @param alternatives likeliest tokens to report in the place of each
 */
public record ScoreRequest(
    Prompt prompt, Compression compression, OptionalInt contextTokens, int alternatives) {}
