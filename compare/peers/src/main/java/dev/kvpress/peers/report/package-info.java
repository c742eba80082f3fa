/**
 * What {@code bench peers} says in the end: a table, the verdict on tokens, the targets, and all
 * figures as JSON.
 */
@NullMarked
package dev.kvpress.peers.report;

import org.jspecify.annotations.NullMarked;
