package dev.kvpress.runtime.generate;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.Ticket;
import dev.kvpress.runtime.decode.TokenResult;
import dev.kvpress.runtime.text.TextStream;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** A turn of a conversation that runs; makes its answer part of it, or leaves all as it was. */
final class ConversationTurn {
  /** An answer by which it shows whether the template puts white space before one. */
  private static final String PROBE = "Yes";

  /** What a text reads of the tokens before it is the last character of these, at most. */
  private static final int TAIL = 64;

  private final Conversation conversation;
  private final PromptEncoder encoder;
  private final Conversation.State before;
  private final ImmutableList<ChatMessage> asked;
  private final AtomicBoolean over = new AtomicBoolean();
  private final boolean spaced;
  private int promptEnd;
  private ImmutableIntArray promptTail = ImmutableIntArray.of();
  private Optional<Context> behindPrompt = Optional.empty();

  /**
   * A turn that begins.
   *
   * @param asked all messages up to the answer
   */
  ConversationTurn(
      Conversation conversation,
      PromptEncoder encoder,
      Conversation.State before,
      ImmutableList<ChatMessage> asked) {
    this.conversation = conversation;
    this.encoder = encoder;
    this.before = before;
    this.asked = asked;
    this.spaced = written(PROBE).filter(text -> !text.equals(PROBE)).isPresent();
  }

  /** An answer as the template writes it; empty where it refuses to, as it will the next turn. */
  private Optional<String> written(String answer) {
    try {
      return Optional.of(encoder.frame().writtenAnswer(asked, answer));
    } catch (IllegalArgumentException | ModelException e) {
      return Optional.empty();
    }
  }

  ConversationOptions options() {
    return conversation.options();
  }

  /** Number of the turn, the first is 0. */
  int number() {
    return before.turn();
  }

  /** What was said has passed; the answer begins. */
  void promptPassed(Context context) {
    ImmutableIntArray ids = context.ids();
    promptEnd = ids.length();
    promptTail = ids.subArray(Math.max(0, promptEnd - TAIL), promptEnd).trimmed();
    if (spaced || !options().stops().strings().isEmpty()) {
      behindPrompt = Optional.of(context.fork());
    }
  }

  /** The answer has ended. */
  void settled(Generation answer, TokenResult result, Optional<Ticket> from) {
    Optional<Context> context = from.flatMap(Ticket::context);
    boolean givenUp =
        answer.reason() == FinishReason.CANCELLED || answer.reason() == FinishReason.TIME_LIMIT;
    if (context.isEmpty() || (givenUp && result.ids().isEmpty())) {
      context.ifPresent(Context::close);
      undone();
      return;
    }
    try {
      Optional<ImmutableIntArray> anew =
          spaced ? spacedIds(answer, result.ids()) : Optional.empty();
      conversation.advance(
          anew.isPresent()
              ? again(answer, anew.get(), context.get())
              : answer.stop().isPresent()
                  ? again(answer, keptIds(answer, result.ids()), context.get())
                  : whole(answer, result, context.get()));
    } finally {
      end();
    }
  }

  private Conversation.State whole(Generation answer, TokenResult result, Context context) {
    ImmutableIntArray ids = result.ids();
    int passed = context.ids().length() - promptEnd;
    return next(answer, context, ids.subArray(passed, ids.length()).trimmed());
  }

  /** Goes back to where the answer began, and lets it pass anew as it is to stand there. */
  private Conversation.State again(Generation answer, ImmutableIntArray ids, Context context) {
    Context back = behindPrompt.orElseThrow();
    behindPrompt = Optional.empty();
    context.close();
    return next(answer, back, ids);
  }

  /**
   * Tokens of the answer as the template writes it, with its white space; empty where those that
   * the model has written say just that, or no tokens do.
   */
  private Optional<ImmutableIntArray> spacedIds(Generation answer, ImmutableIntArray ids) {
    Optional<String> written = written(answer.text());
    if (written.isEmpty() || (answer.stop().isEmpty() && behindPrompt(ids).equals(written.get()))) {
      return Optional.empty();
    }
    String text = written.get();
    // Some tokenizers put a space before every text that they are given.
    return Stream.of(text, text.substring(text.startsWith(" ") ? 1 : 0))
        .map(encoder::fragment)
        .filter(candidate -> behindPrompt(candidate).equals(text))
        .findFirst();
  }

  /** What tokens say behind the prompt. */
  private String behindPrompt(ImmutableIntArray ids) {
    TextStream stream = TextStream.behind(encoder.tokenizer(), promptTail.toArray());
    StringBuilder text = new StringBuilder();
    ids.forEach(id -> text.append(stream.add(id)));
    return text.append(stream.end()).toString();
  }

  /** Tokens of an answer that was cut; the last one may have to be written anew. */
  private ImmutableIntArray keptIds(Generation answer, ImmutableIntArray ids) {
    List<TokenScore> tokens = answer.tokens();
    ImmutableIntArray whole = ids.subArray(0, tokens.size()).trimmed();
    if (whole.isEmpty() || says(whole, answer.text())) {
      return whole;
    }
    int last = tokens.size() - 1;
    String rest = answer.text().substring(tokens.get(last).textOffset());
    ImmutableIntArray anew =
        ImmutableIntArray.builder()
            .addAll(ids.subArray(0, last))
            .addAll(encoder.fragment(rest))
            .build();
    // Where no tokens say it so, the last one stays as the model has written it.
    return says(anew, answer.text()) ? anew : whole;
  }

  private boolean says(ImmutableIntArray ids, String text) {
    return encoder.tokenizer().decode(ids.toArray()).equals(text);
  }

  private Conversation.State next(Generation answer, Context context, ImmutableIntArray pending) {
    ImmutableList<ChatMessage> messages =
        ImmutableList.<ChatMessage>builder()
            .addAll(asked)
            .add(ChatMessage.assistant(answer.text()))
            .build();
    return new Conversation.State(messages, Optional.of(context), pending, before.turn() + 1);
  }

  /** Nothing has changed. */
  void undone() {
    end();
  }

  private void end() {
    if (over.compareAndSet(false, true)) {
      behindPrompt.ifPresent(Context::close);
      conversation.turnEnded();
    }
  }
}
