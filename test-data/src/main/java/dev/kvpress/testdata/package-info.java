/** x. */
package dev.kvpress.testdata;
