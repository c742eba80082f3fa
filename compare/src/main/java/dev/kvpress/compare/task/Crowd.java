package dev.kvpress.compare.task;

/** Rows that generate side by side in one batch, each behind the same compressed context. */
public interface Crowd extends AutoCloseable {
  /** Generates one token for every row, evictions included. */
  void step();

  /** Bytes that the caches of all rows take, padding and spare room included. */
  long physicalBytes();

  /** Gives the caches back. */
  @Override
  void close();
}
