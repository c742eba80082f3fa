package dev.kvpress.testdata.api;

import java.util.List;

/** Others cannot name it, but call what a public class has from it. */
abstract class Hidden<T> {
  public final void inherited(List<? super T> into) {}

  void own() {}

  /** Nobody can name it, since nobody can name what it is in. */
  public static final class Enclosed {}
}
