package dev.kvpress.runtime.generate;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.saved.SavedContext;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Flow;

/**
 * Generates text with one model, for any number of threads at once: requests run together in a
 * batch where the model and their caches allow it, else beside each other. Each gives what it gives
 * alone, to rounding.
 *
 * <p>Closing ends what runs with {@link FinishReason#CANCELLED}; what is asked afterwards is
 * refused. Contexts, conversations and the generator may be closed in any order.
 */
public final class Generator implements AutoCloseable {
  private Generator() {}

  /** Opens a model with what lies beside it; the generator closes it. */
  public static Generator open(Path model, DecoderOptions options, GeneratorOptions how) {
    throw new UnsupportedOperationException();
  }

  /** Over a model that stays the caller's to close, after the generator. */
  public static Generator over(DecoderModel model, ModelWords words, GeneratorOptions how) {
    throw new UnsupportedOperationException();
  }

  /** Generates and waits. */
  public Generation generate(GenerationRequest request) {
    return start(request, GenerationListener.NONE).join();
  }

  /**
   * Begins to generate.
   *
   * @throws BusyException if too many requests wait
   * @throws IllegalArgumentException if the request asks for what cannot be, for instance a prompt
   *     longer than the model has positions, or unknown ids
   * @throws dev.kvpress.runtime.ModelException if the model cannot give what the press needs, or
   *     its template refuses the conversation
   * @throws IllegalStateException if the generator or the model is closed
   */
  public Generating start(GenerationRequest request, GenerationListener listener) {
    throw new UnsupportedOperationException();
  }

  /**
   * Generates when somebody subscribes, once for each subscriber; pieces that are not asked for yet
   * are joined, and a cancelled subscription gives the generation up.
   */
  public Flow.Publisher<TextPiece> publish(GenerationRequest request) {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads a context and compresses it, for prompts to come. A conversation is written up to the end
   * of its last message; prompts behind it are then texts of what the user says next, or further
   * messages.
   */
  public SharedContext compress(Prompt context, Compression compression) {
    throw new UnsupportedOperationException();
  }

  /**
   * Goes on from a file that {@code SharedContext.save} or {@code compare compress} has written.
   */
  public SharedContext load(SavedContext saved, Compression compression) {
    throw new UnsupportedOperationException();
  }

  /** Begins a conversation. */
  public Conversation converse(List<ChatMessage> before, ConversationOptions options) {
    throw new UnsupportedOperationException();
  }

  /** How likely the model finds the tokens of a text. */
  public PromptScores score(ScoreRequest request) {
    throw new UnsupportedOperationException();
  }

  /** Tokens of a prompt as the model would read it. */
  public ImmutableIntArray tokens(Prompt prompt) {
    throw new UnsupportedOperationException();
  }

  /** The text of tokens. */
  public String text(ImmutableIntArray ids) {
    throw new UnsupportedOperationException();
  }

  /** The model. */
  public DecoderModel model() {
    throw new UnsupportedOperationException();
  }

  /** How its texts become tokens. */
  public ModelWords words() {
    throw new UnsupportedOperationException();
  }

  /** Generations that run now. */
  public int running() {
    throw new UnsupportedOperationException();
  }

  /** Requests that wait. */
  public int waiting() {
    throw new UnsupportedOperationException();
  }

  /** Bytes that the caches of running generations and open contexts take. */
  public long cacheBytes() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
