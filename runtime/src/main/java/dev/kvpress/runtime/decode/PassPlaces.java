package dev.kvpress.runtime.decode;

import java.util.List;

/**
 * Where the tokens of one pass stand, as the graph is told.
 *
 * @param layers the caches, which say where cached tokens stand
 * @param first {@code [B]}, of the first valid new token of each row
 * @param ends {@code [B]}, behind the whole step: the length that rotary frequencies may depend on
 */
record PassPlaces(List<? extends PassLayer> layers, int[] first, int[] ends) {}
