/**
 * What others may compile against, and whether it is explained.
 *
 * <p>In: classes or sources of a module. Out: lines. Start at {@link
 * dev.kvpress.testdata.api.ApiList}, which holds the API against the list in {@code docs/api}, and
 * {@link dev.kvpress.testdata.api.MissingComments}.
 */
@NullMarked
package dev.kvpress.testdata.api;

import org.jspecify.annotations.NullMarked;
