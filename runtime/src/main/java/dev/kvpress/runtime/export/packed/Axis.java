package dev.kvpress.runtime.export.packed;

/** An axis of a stored matrix. */
enum Axis {
  ROWS,
  COLUMNS
}
