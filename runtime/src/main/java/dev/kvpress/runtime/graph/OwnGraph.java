package dev.kvpress.runtime.graph;

/**
 * What graphs of our own exporter declare in their metadata, so that nobody has to guess.
 *
 * <p>Values are named by fixed rules: those of one layer start with {@code layers.{l}.}, shared
 * ones with {@code pass.}.
 */
public final class OwnGraph {
  /** Version of these rules; a graph with another one is refused. */
  public static final String FORMAT = "2";

  /** Version of the rules, {@link #FORMAT}. */
  public static final String KEY_FORMAT = "kvpress.format";

  /** {@code decomposed} or {@code fused}. */
  public static final String KEY_ATTENTION = "kvpress.attention";

  /** {@code per_layer}: every layer has a past length of its own. */
  public static final String KEY_PAST = "kvpress.past";

  /** {@code true} where cache_bias inputs exist. */
  public static final String KEY_CACHE_BIAS = "kvpress.cache_bias";

  /** Number of query heads H. */
  public static final String KEY_HEADS = "kvpress.query_heads";

  /** In how many bits its matrices are stored, {@code f32} where it is not said. */
  public static final String KEY_WEIGHTS = "kvpress.weights";

  /** The model's configuration as JSON. */
  public static final String KEY_CONFIG = "kvpress.config";

  /** Attention as single operators, value of {@link #KEY_ATTENTION}. */
  public static final String DECOMPOSED = "decomposed";

  /** Attention as one operator, value of {@link #KEY_ATTENTION}. */
  public static final String FUSED = "fused";

  /** Prefix of inputs {@code [B,G,1,P]} added before the softmax. */
  public static final String CACHE_BIAS = "cache_bias.";

  /**
   * Prefix of inputs int64 {@code [B,G or 1,P]}: where the cached tokens stood in the text; only
   * for layers that need it (windows, ALiBi).
   */
  public static final String CACHE_POSITIONS = "cache_positions.";

  /**
   * Input int64 {@code [B]}: positions up to the end of the whole step, however it is chunked; only
   * where the rotary frequencies depend on it.
   */
  public static final String SEQUENCE_LENGTH = "sequence_length";

  /** Prefix of inputs int32 {@code [B]}. */
  public static final String CACHE_LENGTH = "cache_length.";

  /** float {@code [B,1,1,Q]}: 1 for valid new tokens, 0 for padding (decomposed). */
  public static final String VALID_QUERIES = "pass.valid_queries";

  /** int64 {@code [2]}: B and Q. */
  public static final String BATCH_AND_QUERIES = "pass.batch_and_queries";

  /** float {@code [B*Q,E]}: output of the last layer before the final norm. */
  public static final String LAST_HIDDEN = "pass.last_hidden";

  /** A large finite negative for −∞: a row without any valid token then gives no NaN. */
  public static final float MASKED = -1e30f;

  private OwnGraph() {}

  /** float {@code [B*Q,E]}: what enters the attention of a layer, after the input norm. */
  public static String attentionInput(int layer) {
    return value(layer, "attention.input");
  }

  /** float {@code [B,Q,H,D]}. */
  public static String queriesPreRope(int layer) {
    return value(layer, "attention.queries_pre_rope");
  }

  /** float {@code [B,Q,H,D]}: after rotation, before scaling. */
  public static String queries(int layer) {
    return value(layer, "attention.queries");
  }

  /** float {@code [B,G,g*Q,P]}: scores against the past, before the bias (decomposed). */
  public static String pastScores(int layer) {
    return value(layer, "attention.past_scores");
  }

  /** float {@code [B,G,g*Q,P]}: scores against the past, after the bias (decomposed). */
  public static String biasedPastScores(int layer) {
    return value(layer, "attention.past_scores_biased");
  }

  /** float {@code [B,G,g*Q,T]}: attention after the softmax (decomposed). */
  public static String probabilities(int layer) {
    return value(layer, "attention.probabilities");
  }

  /** float {@code [B,G,g*Q,D]}: attention times values (decomposed). */
  public static String context(int layer) {
    return value(layer, "attention.context");
  }

  /** Whether a value's name is one that the exporter gives, and not a tap. */
  static boolean isExported(String name) {
    return name.startsWith("pass.") || name.startsWith("layers.");
  }

  /** Name of any value of a layer. */
  public static String value(int layer, String name) {
    return "layers." + layer + "." + name;
  }
}
