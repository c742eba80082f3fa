/** x. */
package dev.kvpress.presses;
