package dev.kvpress.runtime.graph;

/** Writes the rotation of keys that lie in a cache; for {@link RolledKeys}. */
public interface CachedTurn {

  /** Whether the keys of a layer are rotated at all. */
  boolean turns(int layer);

  /**
   * Writes the rotation of the cached keys of a layer by the slots they lie in.
   *
   * @param keys float {@code [B,G,P,D]} before rotation
   * @param slots int64 {@code [1]}, N: cached tokens stand at positions below it
   * @param offset int64 {@code [1]}, N − P: where the first slot of the layer stands
   * @return name of {@code [B,G,P,D]}
   */
  String write(GraphBuilder graph, int layer, String keys, String slots, String offset);
}
