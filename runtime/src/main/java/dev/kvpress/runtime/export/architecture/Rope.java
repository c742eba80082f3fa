package dev.kvpress.runtime.export.architecture;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.kvpress.runtime.graph.GraphBuilder;

/**
 * A rotary position embedding (Su et al. 2021): channel pair i turns by position · frequency i.
 *
 * <p>Pairs are (i, i + pairs), or neighbours (2i, 2i + 1) where interleaved; channels beyond the
 * pairs stay as they are.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = FixedRope.class, name = "fixed"),
  @JsonSubTypes.Type(value = LongRope.class, name = "long"),
  @JsonSubTypes.Type(value = DynamicRope.class, name = "dynamic"),
})
public sealed interface Rope permits FixedRope, LongRope, DynamicRope {

  /** Number of channel pairs that are turned. */
  int pairs();

  /** Whether a pair is two neighbours. */
  boolean interleaved();

  /** Factor on cosine and sine. */
  double attentionScaling();

  /**
   * Frequencies in radians per position, {@code [pairs]}.
   *
   * @param sequenceLength positions up to the end of the step
   */
  double[] frequencies(int sequenceLength);

  /** Whether the frequencies depend on how long the text is. */
  boolean dependsOnLength();

  /**
   * Writes the frequencies.
   *
   * @param name of the value
   * @return name of {@code [pairs]}, or {@code [B,1,1,pairs]} where they depend on the length
   */
  String write(GraphBuilder graph, String name);
}
