package dev.kvpress.compare.scale.worker;

import java.util.List;

/** A context of which work is to be done. */
public interface Portion {
  /** Its place in the schedule, from 0. */
  int context();

  /** Keys of its work that is still to be done; fewer and fewer. */
  List<String> openKeys();
}
