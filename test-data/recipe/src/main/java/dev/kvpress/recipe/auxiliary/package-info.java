/**
 * The decoder and documents of the train split in, the trained tensors of some presses out:
 * filters, query statistics, head scores, surrogates and gates that foretell what KVzip keeps.
 * Start at {@link dev.kvpress.recipe.auxiliary.Auxiliaries} and {@link
 * dev.kvpress.recipe.auxiliary.Surrogates}.
 */
@org.jspecify.annotations.NullMarked
package dev.kvpress.recipe.auxiliary;
