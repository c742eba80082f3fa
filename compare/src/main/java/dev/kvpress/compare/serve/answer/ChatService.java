package dev.kvpress.compare.serve.answer;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.serve.ask.AskOptions;
import dev.kvpress.compare.serve.ask.ChatAsk;
import dev.kvpress.compare.serve.model.ContextShelf.Lease;
import dev.kvpress.compare.serve.model.PressDesk;
import dev.kvpress.compare.serve.model.ServedPress;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.util.List;
import java.util.Optional;

/** Answers requests to {@code /v1/chat/completions}. */
final class ChatService {
  private final Generator generator;
  private final PressDesk desk;
  private final Contexts contexts;

  ChatService(Generator generator, PressDesk desk, Contexts contexts) {
    this.generator = generator;
    this.desk = desk;
    this.contexts = contexts;
  }

  /**
   * What is asked behind which context.
   *
   * @param prompt what passes behind the context, or whole where there is none
   * @param notices why there is no context, where one might be looked for
   */
  private record Question(Prompt prompt, Optional<Lease> context, List<String> notices)
      implements AutoCloseable {
    @Override
    public void close() {
      context.ifPresent(Lease::close);
    }
  }

  /**
   * Answers.
   *
   * @throws RuntimeException what went wrong before anything was sent
   */
  void answer(ChatAsk ask, Client client) {
    AskOptions options = ask.options();
    ServedPress press = desk.choose(options.model(), options.press());
    Contexts.requireNoOtherPress(options, desk);
    try (Question question = question(ask, press, client)) {
      GenerationRequest request = GenerationRequest.of(question.prompt()).atMost(ask.maxTokens());
      request =
          question.context().isPresent()
              ? request.behind(question.context().get().context())
              : request.compressedBy(press.compression());
      List<Choice> choices =
          Choice.several(
              0,
              Requests.with(request, options, ask.logprobs()),
              options.n(),
              question
                  .context()
                  .map(Choice.Behind::of)
                  .orElseGet(() -> Choice.Behind.nothing(question.notices())));
      new AnswerLoop(
              choices,
              new ChatShape(options.model(), ask.logprobs().isPresent()),
              Figures.of(press, question.context().flatMap(Lease::stored)),
              options.streaming(),
              client)
          .run(generator);
    }
  }

  private Question question(ChatAsk ask, ServedPress press, Client client) {
    AskOptions options = ask.options();
    List<ChatMessage> messages = ask.messages();
    List<ChatMessage> before = messages.subList(0, messages.size() - 1);
    ChatMessage last = messages.get(messages.size() - 1);
    if (options.stored().isPresent()) {
      Lease lease = contexts.stored(options.stored().get(), client);
      return new Question(new Prompt.Text(last.content()), Optional.of(lease), List.of());
    }
    if (ask.context().isPresent()) {
      List<ChatMessage> context =
          ImmutableList.<ChatMessage>builder()
              .addAll(before)
              .add(ChatMessage.user(ask.context().get()))
              .build();
      return behind(context, "context", new Prompt.Text(last.content()), press, options, client);
    }
    if (options.cacheKey().isPresent() && !before.isEmpty()) {
      return behind(
          before, ChatShape.MESSAGES, new Prompt.Chat(List.of(last)), press, options, client);
    }
    List<String> notices =
        options.cacheKey().isPresent()
            ? List.of(
                "prompt_cache_key: nothing stands before the last message, so it was compressed as a whole and nothing is kept")
            : List.of();
    return new Question(new Prompt.Chat(messages), Optional.empty(), notices);
  }

  private Question behind(
      List<ChatMessage> context,
      String param,
      Prompt prompt,
      ServedPress press,
      AskOptions options,
      Client client) {
    Lease lease = contexts.brought(new Prompt.Chat(context), param, press, options, client);
    return new Question(prompt, Optional.of(lease), List.of());
  }
}
