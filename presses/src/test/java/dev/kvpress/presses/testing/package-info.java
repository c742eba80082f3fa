/**
 * For everyone who writes a press: extend {@link dev.kvpress.presses.testing.PressContractTest} and
 * give it the press; {@link dev.kvpress.presses.testing.SyntheticLayer} makes layers for tests of
 * its own. Published in the test jar of this module.
 */
@NullMarked
package dev.kvpress.presses.testing;

import org.jspecify.annotations.NullMarked;
