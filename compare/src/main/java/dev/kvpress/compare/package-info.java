/** x. */
package dev.kvpress.compare;
