/** x. */
package dev.kvpress.runtime;
