package dev.kvpress.compare.data;

/** A sample that knows where it comes from. */
public interface Located {
  /** Its place in its file. */
  Origin origin();
}
