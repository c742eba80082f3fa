package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.saved.ContextNotes;
import java.nio.file.Path;

/**
 * A conversation whose cache stays within a bound: what is said and what is answered stays in it
 * and is compressed again by a {@link CachePolicy}. What was observed since the beginning is
 * carried along, also through a file.
 *
 * <p>For one thread at a time; conversations of one model may run beside each other.
 */
public final class RunningConversation implements AutoCloseable {
  private final Pipeline pipeline;
  private final Context context;
  private final CachePolicy policy;
  // The last token of an answer that had no room for more, which has not passed yet.
  private int[] pending = {};

  /** Goes on with a context, which becomes this one's to close. */
  RunningConversation(Pipeline pipeline, Context context, CachePolicy policy) {
    this.pipeline = pipeline;
    this.context = context;
    this.policy = policy;
  }

  /**
   * Says something and lets the model answer. An end token is not passed: what stands behind an
   * answer (the end of a turn, a line end) is the beginning of what is said next.
   *
   * @param ids token ids, at least one
   * @throws IllegalArgumentException if they exceed the positions that the model has left
   */
  public TokenResult say(int[] ids) {
    checkArgument(ids.length >= 1, "there must be at least one token to say");
    int[] said = Ints.concat(pending, ids);
    TokenGenerator.requirePositions(pipeline.model(), context, said.length, "question");
    PressCalls calls = new PressCalls(policy.following(), Budget.FULL);
    TokenResult result = pipeline.answer(calls, context, said);
    int[] answer = result.ids().toArray();
    boolean allPassed = result.stopReason() == StopReason.END_TOKEN || answer.length == 0;
    int through = allPassed ? answer.length : answer.length - 1;
    pending = ImmutableIntArray.copyOf(answer).subArray(through, answer.length).toArray();
    return result;
  }

  /** A second conversation that goes on from here; its turns do not show in this one. */
  public RunningConversation fork() {
    RunningConversation fork = new RunningConversation(pipeline, context.fork(), policy);
    fork.pending = pending.clone();
    return fork;
  }

  /** Ids of all tokens that have passed, evicted ones included. */
  public ImmutableIntArray passed() {
    return context.ids();
  }

  /** Tokens in the cache, over layers and KV heads. */
  public long keptTokens() {
    return context.keptTokens();
  }

  /** Bytes of the keys and values of the tokens in the cache. */
  public long logicalBytes() {
    return context.logicalBytes();
  }

  /** The context as it is now; it stays this conversation's. */
  Context context() {
    return context;
  }

  /**
   * Saves the conversation, to go on by {@link Pipeline#converse(Context, CachePolicy)} in another
   * process; see {@link Context#save(Path, ContextNotes)}.
   *
   * @param notes what is to be said of it
   * @return tokens of the last answer that have not passed yet, with which what is said next must
   *     begin there; mostly none or one
   */
  public ImmutableIntArray save(Path file, ContextNotes notes) {
    context.save(file, notes);
    return ImmutableIntArray.copyOf(pending);
  }

  @Override
  public void close() {
    context.close();
  }
}
