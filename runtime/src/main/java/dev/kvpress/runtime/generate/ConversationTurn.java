package dev.kvpress.runtime.generate;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.Ticket;
import dev.kvpress.runtime.decode.TokenResult;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A turn of a conversation that runs; makes its answer part of it, or leaves all as it was. */
final class ConversationTurn {
  private final Conversation conversation;
  private final PromptEncoder encoder;
  private final Conversation.State before;
  private final ImmutableList<ChatMessage> asked;
  private final AtomicBoolean over = new AtomicBoolean();
  private int promptEnd;
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
    promptEnd = context.ids().length();
    if (!options().stops().strings().isEmpty()) {
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
      conversation.advance(
          answer.stop().isPresent()
              ? cut(answer, result, context.get())
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

  /** Goes back to where the answer began, and lets it pass anew up to where it was cut. */
  private Conversation.State cut(Generation answer, TokenResult result, Context context) {
    Context back = behindPrompt.orElseThrow();
    behindPrompt = Optional.empty();
    context.close();
    return next(answer, back, keptIds(answer, result.ids()));
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
