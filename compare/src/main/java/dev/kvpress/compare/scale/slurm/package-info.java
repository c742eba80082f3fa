/**
 * A comparison as jobs of a SLURM cluster: what was typed comes in; out come scripts that a person
 * can read and change, one that exports the model, one for an array of shards, one that merges
 * them, and one that submits all three.
 *
 * <p>Start at {@link dev.kvpress.compare.scale.slurm.SlurmScripts}.
 */
@NullMarked
package dev.kvpress.compare.scale.slurm;

import org.jspecify.annotations.NullMarked;
