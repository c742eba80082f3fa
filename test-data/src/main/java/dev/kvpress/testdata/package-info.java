/**
 * What the tests of every module share: golden figures of the original authors' code (as resources
 * of this module) and the way to third-party files that lie beside a checkout.
 *
 * <p>In: a name. Out: a JSON tree, flat numbers with their shape, or a path. Start at {@link
 * dev.kvpress.testdata.Golden} for figures and {@link dev.kvpress.testdata.Shared} for files.
 */
@NullMarked
package dev.kvpress.testdata;

import org.jspecify.annotations.NullMarked;
