/**
 * What is to be done and what is done, on disk: a plan is written before a run; outcomes come in
 * one by one, each is synced before the run goes on, and after a crash the same command finds them
 * again by the content of the work.
 *
 * <p>Start at {@link dev.kvpress.compare.journal.Journal} and {@link
 * dev.kvpress.compare.journal.PlannedRun}.
 */
@NullMarked
package dev.kvpress.compare.journal;

import org.jspecify.annotations.NullMarked;
