package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.serve.ask.AskOptions;
import dev.kvpress.compare.serve.ask.CompletionAsk;
import dev.kvpress.compare.serve.model.ContextShelf.Lease;
import dev.kvpress.compare.serve.model.PressDesk;
import dev.kvpress.compare.serve.model.ServedPress;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.generate.PromptScores;
import dev.kvpress.runtime.generate.ScoreRequest;
import dev.kvpress.runtime.generate.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Answers requests to {@code /v1/completions}. */
final class CompletionService {
  private final Generator generator;
  private final PressDesk desk;
  private final Contexts contexts;

  CompletionService(Generator generator, PressDesk desk, Contexts contexts) {
    this.generator = generator;
    this.desk = desk;
    this.contexts = contexts;
  }

  /** Contexts that a request holds while it is answered. */
  private static final class Held implements AutoCloseable {
    private final List<Lease> leases = new ArrayList<>();

    Lease add(Lease lease) {
      leases.add(lease);
      return lease;
    }

    @Override
    public void close() {
      leases.forEach(Lease::close);
    }
  }

  /**
   * Answers.
   *
   * @throws RuntimeException what went wrong before anything was sent
   */
  void answer(CompletionAsk ask, Client client) {
    ServedPress press = desk.choose(ask.options().model(), ask.options().press());
    Contexts.requireNoOtherPress(ask.options(), desk);
    CompletionShape shape = new CompletionShape(ask.options().model(), ask.logprobs().isPresent());
    List<PromptEcho> echoes =
        ask.prompts().stream().map(prompt -> echo(ask, prompt, press, client)).toList();
    if (ask.maxTokens() == 0) {
      promptsOnly(ask, echoes, shape, Figures.of(press, Optional.empty()), client);
      return;
    }
    try (Held held = new Held()) {
      Optional<Lease> shared = shared(ask, press, client).map(held::add);
      List<Choice> choices = new ArrayList<>();
      for (int i = 0; i < ask.prompts().size(); i++) {
        for (Choice choice : choices(ask, i, press, shared, held, client)) {
          choices.add(choice);
          shape.add(echoes.get(i));
        }
      }
      Figures figures = Figures.of(press, shared.flatMap(Lease::stored));
      new AnswerLoop(choices, shape, figures, ask.options().streaming(), client).run(generator);
    }
  }

  private Optional<Lease> shared(CompletionAsk ask, ServedPress press, Client client) {
    AskOptions options = ask.options();
    return ask.context()
        .map(context -> contexts.brought(context, "context", press, options, client))
        .or(() -> options.stored().map(name -> contexts.stored(name, client)));
  }

  private List<Choice> choices(
      CompletionAsk ask,
      int index,
      ServedPress press,
      Optional<Lease> shared,
      Held held,
      Client client) {
    Prompt prompt = ask.prompts().get(index);
    Optional<Lease> lease = shared;
    if (ask.contextTokens().isPresent()) {
      ImmutableIntArray ids = tokens(prompt);
      int cut = ask.contextTokens().getAsInt();
      requireRest(ids, cut);
      lease =
          Optional.of(
              held.add(
                  contexts.beginning(ids.subArray(0, cut), CompletionShape.PROMPT, press, client)));
      prompt = new Prompt.Tokens(ids.subArray(cut, ids.length()));
    }
    if (ask.options().stored().isPresent()) {
      prompt = asItStands(prompt);
    }
    GenerationRequest request = GenerationRequest.of(prompt).atMost(ask.maxTokens());
    request =
        lease.isPresent()
            ? request.behind(lease.get().context())
            : request.compressedBy(press.compression());
    request = Requests.with(request, ask.options(), ask.logprobs());
    return Choice.several(
        index,
        request,
        ask.options().n(),
        lease.map(Choice.Behind::of).orElseGet(() -> Choice.Behind.nothing(unkept(ask))));
  }

  /**
   * A text behind a stored context, whose file may say what is to stand around the questions of a
   * chat: a completion goes on with what was sent and nothing else.
   */
  private Prompt asItStands(Prompt prompt) {
    if (!(prompt instanceof Prompt.Text said)) {
      return prompt;
    }
    ImmutableIntArray ids =
        Faults.about(CompletionShape.PROMPT, () -> generator.fragment(said.text()));
    if (ids.isEmpty()) {
      throw ApiException.field(
          CompletionShape.PROMPT,
          "prompt: expected a text behind the context, found none (an empty one)");
    }
    return new Prompt.Tokens(ids);
  }

  /** Tokens of a prompt, which is refused by its name where it can have none. */
  private ImmutableIntArray tokens(Prompt prompt) {
    return Faults.about(CompletionShape.PROMPT, () -> generator.tokens(prompt));
  }

  private static List<String> unkept(CompletionAsk ask) {
    return ask.options().cacheKey().isEmpty()
        ? List.of()
        : List.of("prompt_cache_key: keeps what context says; there is none, so nothing is kept");
  }

  private static void requireRest(ImmutableIntArray ids, int cut) {
    if (cut >= ids.length()) {
      throw ApiException.field(
          "context_tokens",
          "context_tokens: expected fewer than the %d tokens of the prompt, found %d"
              .formatted(ids.length(), cut));
    }
  }

  /** What an answer begins with: its prompt, scored where log-probabilities were asked for. */
  private PromptEcho echo(CompletionAsk ask, Prompt prompt, ServedPress press, Client client) {
    if (!ask.echo()) {
      return PromptEcho.NONE;
    }
    String text = prompt instanceof Prompt.Text said ? said.text() : generator.text(tokens(prompt));
    if (ask.logprobs().isEmpty()) {
      return PromptEcho.of(text);
    }
    ScoreRequest request =
        new ScoreRequest(
            prompt, press.compression(), ask.contextTokens(), ask.logprobs().getAsInt());
    PromptScores scores =
        client.waitFor(() -> Faults.about(CompletionShape.PROMPT, () -> generator.score(request)));
    return PromptEcho.of(text, scores, added(prompt, text));
  }

  /** How many tokens the server has put before a text: the one that begins texts, or none. */
  private int added(Prompt prompt, String text) {
    if (!(prompt instanceof Prompt.Text)) {
      return 0;
    }
    OptionalInt begin = generator.words().tokenizer().bosId();
    ImmutableIntArray ids = tokens(prompt);
    boolean begins = begin.isPresent() && !ids.isEmpty() && ids.get(0) == begin.getAsInt();
    boolean spelled =
        begins
            && text.startsWith(generator.words().tokenizer().spelling(begin.getAsInt()))
            && !generator.words().tokenizer().spelling(begin.getAsInt()).isEmpty();
    return begins && !spelled ? 1 : 0;
  }

  /** Answers that are prompts alone. */
  private void promptsOnly(
      CompletionAsk ask,
      List<PromptEcho> echoes,
      CompletionShape shape,
      Figures figures,
      Client client) {
    List<ObjectNode> nodes = new ArrayList<>();
    for (int i = 0; i < echoes.size(); i++) {
      Optional<Usage> usage = echoes.get(i).scores().map(PromptScores::usage);
      figures.prompt(
          usage
              .map(found -> found.contextTokens() + found.promptTokens())
              .orElse(tokens(ask.prompts().get(i)).length()),
          0);
      for (int j = 0; j < ask.options().n(); j++) {
        int index = nodes.size();
        shape.add(echoes.get(i));
        nodes.add(shape.promptOnly(index));
        echoes
            .get(i)
            .scores()
            .ifPresent(scores -> figures.scored(index, scores.usage(), scores.notices()));
      }
    }
    send(ask, nodes, shape, figures, client);
  }

  private static void send(
      CompletionAsk ask,
      List<ObjectNode> nodes,
      CompletionShape shape,
      Figures figures,
      Client client) {
    boolean streams = ask.options().streaming().on();
    ObjectNode answer = shape.envelope(streams);
    ArrayNode choices = answer.putArray("choices");
    nodes.forEach(choices::add);
    answer.set("usage", figures.usage());
    answer.set("kvpress", figures.kvpress());
    if (streams) {
      client.event(answer);
      client.done();
    } else {
      client.send(answer);
    }
  }
}
