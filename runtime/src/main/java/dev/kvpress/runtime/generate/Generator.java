package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.decode.Ticket;
import dev.kvpress.runtime.saved.SavedContext;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Generates text with one model, for any number of threads at once: requests run together in a
 * batch where the model and their caches allow it, else in turn with it. Each gives what it gives
 * alone, to rounding.
 *
 * <p>Closing ends what runs with {@link FinishReason#CANCELLED}; what is asked afterwards is
 * refused. Contexts, conversations and the generator may be closed in any order.
 */
public final class Generator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Generator.class);

  private final DecoderModel model;
  private final ModelWords words;
  private final GeneratorOptions how;
  private final PromptEncoder encoder;
  private final Scheduler scheduler;
  private final Orders orders;
  private final OpenCaches open = new OpenCaches();

  private Generator(
      DecoderModel model, ModelWords words, GeneratorOptions how, Runnable closeModel) {
    this.model = model;
    this.words = words;
    this.how = how;
    encoder = new PromptEncoder(model, words);
    orders = new Orders(model, words, encoder, open);
    scheduler =
        new Scheduler(
            model,
            how,
            () -> {
              closeModel.run();
              LOG.info("the generator of model {} is closed", model.info().name());
            });
  }

  /**
   * Opens a model with what lies beside it; the generator closes it.
   *
   * @throws dev.kvpress.runtime.ModelException if the model cannot be read, or there is no
   *     tokenizer
   */
  public static Generator open(Path model, DecoderOptions options, GeneratorOptions how) {
    requireNonNull(how, "how is null");
    ModelWords words = ModelWords.beside(model);
    DecoderModel loaded = DecoderModel.open(model, options);
    boolean done = false;
    try {
      Generator generator = new Generator(loaded, words, how, loaded::close);
      LOG.info("model {} is open, {} at once", loaded.info().name(), how.mostRunning());
      done = true;
      return generator;
    } finally {
      if (!done) {
        loaded.close();
      }
    }
  }

  /** Over a model that stays the caller's to close, after the generator. */
  public static Generator over(DecoderModel model, ModelWords words, GeneratorOptions how) {
    requireNonNull(model, "model is null");
    requireNonNull(words, "words is null");
    return new Generator(model, words, requireNonNull(how, "how is null"), () -> {});
  }

  /**
   * Generates and waits.
   *
   * @throws RuntimeException as {@link #start}, and what has gone wrong since
   */
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
    requireNonNull(request, "request is null");
    requireNonNull(listener, "listener is null");
    requireOpen();
    long begun = System.nanoTime();
    TextOrder order = orders.of(request);
    return submit(order, begun, request.context().map(SharedContext::fork), listener);
  }

  /**
   * Hands a text over; behind a context that is closed wherever it ends.
   *
   * @param begun when it was asked for, by {@link System#nanoTime()}: its time counts from then
   */
  Generating submit(
      TextOrder order, long begun, Optional<Context> before, GenerationListener listener) {
    Duration spent = Duration.ofNanos(System.nanoTime() - begun);
    TextJob job = new TextJob(order, spent, before, listener, how.observer());
    boolean done = false;
    try {
      scheduler.batch().require(job.request(), before);
      submit(job, how.observer()::onSubmit);
      done = true;
    } finally {
      if (!done) {
        before.ifPresent(Context::close);
      }
    }
    return new RunningGeneration(scheduler, job);
  }

  private void submit(Job job, Runnable taken) {
    try {
      scheduler.submit(job, taken);
    } catch (BusyException e) {
      how.observer().onBusy();
      throw e;
    }
  }

  /**
   * Generates when somebody subscribes, once for each subscriber; pieces that are not asked for yet
   * are joined, and a cancelled subscription gives the generation up. What {@link #start} throws
   * goes to {@code onError}, as does what goes wrong later.
   */
  public Flow.Publisher<TextPiece> publish(GenerationRequest request) {
    requireNonNull(request, "request is null");
    return subscriber ->
        new TextSubscription(requireNonNull(subscriber, "subscriber is null"))
            .begin(listener -> start(request, listener));
  }

  /**
   * Reads a context and compresses it, for prompts to come, and waits for that; an interrupted
   * thread gives it up. A conversation is written up to the end of its last message; prompts behind
   * it are then texts of what the user says next, or further messages. Where the last message is
   * the user's, a text goes on with that.
   *
   * @throws CancellationException if the thread is interrupted or the generator closed meanwhile
   * @throws RuntimeException as {@link #start}
   */
  public SharedContext compress(Prompt context, Compression compression) {
    requireOpen();
    ContextWords contextWords = encoder.context(requireNonNull(context, "context is null"));
    orders.requirePress(compression, contextWords.ids().length());
    ReadJob job = new ReadJob(contextWords.ids(), compression);
    scheduler.batch().require(job.request(), Optional.empty());
    submit(job, () -> {});
    Ticket read = Waiting.on(scheduler, job, job.outcome());
    return new SharedContext(
        open,
        read.context().orElseThrow(),
        contextWords,
        compression,
        read.result().notices(),
        Optional.of(job.usage(model, read.result())));
  }

  /**
   * Goes on from a file that {@code SharedContext.save} or {@code compare compress} has written;
   * prompts follow it as its notes say.
   *
   * @param compression goes on with prompts and answers if it evicts while decoding
   * @throws dev.kvpress.runtime.ModelException naming what is wrong: another model or other weights
   *     than it was made with, or more than one row
   */
  public SharedContext load(SavedContext saved, Compression compression) {
    requireOpen();
    return load(
        saved, ContextWords.noted(encoder, saved.tokens(), saved.notes().prompt()), compression);
  }

  /**
   * The same of which the prompt is known that it was made of, so that any prompt may follow.
   *
   * @throws IllegalArgumentException if it was made of another one
   */
  public SharedContext load(SavedContext saved, Compression compression, Prompt context) {
    requireOpen();
    ContextWords contextWords = encoder.context(requireNonNull(context, "context is null"));
    checkArgument(
        contextWords.ids().equals(saved.tokens()),
        "%s: the saved context has other tokens than the prompt that is said to be its own (%s and %s of them)",
        saved.file(),
        saved.tokens().length(),
        contextWords.ids().length());
    return load(saved, contextWords, compression);
  }

  private SharedContext load(
      SavedContext saved, ContextWords contextWords, Compression compression) {
    orders.requirePress(compression, contextWords.ids().length());
    Context context = model.loadContext(saved);
    return new SharedContext(open, context, contextWords, compression, List.of(), Optional.empty());
  }

  /**
   * Begins a conversation.
   *
   * @param before what was said already; may be empty
   * @throws dev.kvpress.runtime.ModelException if the model has no chat template
   */
  public Conversation converse(List<ChatMessage> before, ConversationOptions options) {
    requireOpen();
    return new Conversation(
        this, encoder, open, before, requireNonNull(options, "options is null"));
  }

  /**
   * How likely the model finds the tokens of a text; waits for that. An interrupted thread gives it
   * up.
   *
   * @throws CancellationException if the thread is interrupted or the generator closed meanwhile
   * @throws RuntimeException as {@link #start}
   */
  public PromptScores score(ScoreRequest request) {
    requireNonNull(request, "request is null");
    requireOpen();
    ScoreJob job = orders.score(request, how.chunkSize());
    submit(job, () -> {});
    return Waiting.on(scheduler, job, job.outcome());
  }

  /** Tokens of a prompt as {@link #start} would read it. */
  public ImmutableIntArray tokens(Prompt prompt) {
    return encoder.of(prompt).ids();
  }

  /**
   * Tokens of a text to which nothing is added, as of one that stands behind another.
   *
   * @throws IllegalArgumentException if it cannot have as few tokens as the model has positions
   */
  public ImmutableIntArray fragment(String text) {
    return encoder.fragment(text);
  }

  /** Tokens of a context as {@link #compress} would read it. */
  public ImmutableIntArray contextTokens(Prompt context) {
    return encoder.context(context).ids();
  }

  /**
   * The text of tokens; an id of the model that its tokenizer does not know stands for nothing.
   *
   * @throws IllegalArgumentException naming an id that the model does not know
   */
  public String text(ImmutableIntArray ids) {
    model.info().requireKnown(ids.toArray());
    return words.tokenizer().decode(ids.toArray());
  }

  /** The model. */
  public DecoderModel model() {
    return model;
  }

  /** How its texts become tokens. */
  public ModelWords words() {
    return words;
  }

  /** Work that runs now: generations, contexts that are read, texts that are scored. */
  public int running() {
    return scheduler.running();
  }

  /** Requests that wait. */
  public int waiting() {
    return scheduler.waiting();
  }

  /** Bytes that the caches of running generations, open contexts and conversations take. */
  public long cacheBytes() {
    return scheduler.cacheBytes() + open.bytes();
  }

  /** Refuses what is asked of a generator or a model that is closed. */
  void requireOpen() {
    scheduler.requireOpen();
    model.requireOpen();
  }

  /** Makes orders out of requests. */
  Orders orders() {
    return orders;
  }

  /** For whoever must not wait on its own thread. */
  Scheduler scheduler() {
    return scheduler;
  }

  /**
   * Ends what runs with {@link FinishReason#CANCELLED} and waits for that, unless a listener
   * closes; then the model is closed if it was opened here. Closing twice does nothing more.
   */
  @Override
  public void close() {
    scheduler.close();
  }
}
