package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.serve.ask.AskOptions;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.runtime.generate.FinishReason;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Generator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Has the answers to one request written and sends them, whole or piece by piece. */
final class AnswerLoop {
  private static final Duration HEARTBEAT = Duration.ofSeconds(5);
  private static final int GATEWAY_TIMEOUT = 504;
  private static final int UNAVAILABLE = 503;

  private final List<Choice> choices;
  private final AnswerShape shape;
  private final Figures figures;
  private final AskOptions.Streaming streaming;
  private final Client client;
  private final Set<Integer> countedPrompts = new HashSet<>();
  private final List<Generation> done;
  private int left;

  AnswerLoop(
      List<Choice> choices,
      AnswerShape shape,
      Figures figures,
      AskOptions.Streaming streaming,
      Client client) {
    this.choices = choices;
    this.shape = shape;
    this.figures = figures;
    this.streaming = streaming;
    this.client = client;
    this.done = new ArrayList<>();
    this.left = choices.size();
  }

  /**
   * Runs until all answers are sent.
   *
   * @throws RuntimeException what went wrong before anything was sent
   */
  void run(Generator generator) {
    List<GenerationRequest> requests =
        choices.stream().map(choice -> choice.request().within(client.timeLeft())).toList();
    RunningChoices running =
        Faults.about(
            shape.promptField(), () -> RunningChoices.start(generator, requests, streaming.on()));
    try {
      client.whenStopped(running::cancel);
      if (streaming.on()) {
        stream(running);
      } else {
        whole(running);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.of(UNAVAILABLE, "server_stopping", "the server stops");
    } finally {
      running.cancel();
    }
  }

  private void whole(RunningChoices running) throws InterruptedException {
    Generation[] ends = new Generation[choices.size()];
    while (left > 0) {
      Optional<ChoiceEvent> event = running.next(HEARTBEAT);
      if (event.orElse(null) instanceof ChoiceEvent.Failure failure) {
        throw failure.reason();
      }
      if (event.orElse(null) instanceof ChoiceEvent.End end) {
        ends[end.choice()] = end.generation();
        left--;
      }
    }
    requireAnything(List.of(ends));
    ObjectNode answer = shape.envelope(false);
    ArrayNode list = answer.putArray("choices");
    for (int i = 0; i < ends.length; i++) {
      count(i, ends[i]);
      list.add(shape.whole(i, ends[i]));
    }
    answer.set("usage", figures.usage());
    answer.set("kvpress", figures.kvpress());
    client.send(answer);
  }

  /**
   * Answers that all ended before they began tell nothing, and must not look as if they did. Where
   * one has begun, the others say by their end that they have not.
   */
  private static void requireAnything(List<Generation> generations) {
    if (!generations.stream().allMatch(AnswerLoop::isNothing)) {
      return;
    }
    if (generations.stream().anyMatch(g -> g.reason() == FinishReason.TIME_LIMIT)) {
      throw ApiException.of(
          GATEWAY_TIMEOUT,
          "time_limit",
          "the time of the answer was over before its first token; ask again, or for less");
    }
    throw ApiException.of(UNAVAILABLE, "server_stopping", "the server stops");
  }

  private static boolean isNothing(Generation generation) {
    boolean givenUp =
        generation.reason() == FinishReason.TIME_LIMIT
            || generation.reason() == FinishReason.CANCELLED;
    return givenUp && generation.usage().generatedTokens() == 0;
  }

  private void stream(RunningChoices running) throws InterruptedException {
    // Ends of answers that never began wait until one has, since there may be nothing to begin.
    List<ChoiceEvent.End> nothing = new ArrayList<>();
    boolean opened = false;
    while (left > 0) {
      Optional<ChoiceEvent> event = running.next(HEARTBEAT);
      if (event.isEmpty()) {
        client.heartbeat();
      }
      while (event.isPresent()) {
        if (opened || !waits(event.get(), nothing)) {
          if (!opened && !(event.get() instanceof ChoiceEvent.Failure)) {
            open();
            opened = true;
            nothing.forEach(this::end);
          }
          if (!handle(event.get(), running)) {
            return;
          }
        }
        event = running.next();
      }
      client.flush();
    }
    client.done();
  }

  /** Whether it is the end of an answer that never began; throws where none ever will. */
  private boolean waits(ChoiceEvent event, List<ChoiceEvent.End> nothing) {
    if (!(event instanceof ChoiceEvent.End end) || !isNothing(end.generation())) {
      return false;
    }
    nothing.add(end);
    if (nothing.size() == choices.size()) {
      requireAnything(nothing.stream().map(ChoiceEvent.End::generation).toList());
    }
    return true;
  }

  private void open() {
    for (int i = 0; i < choices.size(); i++) {
      shape.opening(i).ifPresent(choice -> client.event(chunk(choice)));
    }
  }

  /** Sends one event; false where the stream ends with a fault. */
  private boolean handle(ChoiceEvent event, RunningChoices running) {
    if (event instanceof ChoiceEvent.Failure failure) {
      return fail(failure.reason());
    }
    if (running.hasOverflown()) {
      return fail(
          ApiException.of(
              UNAVAILABLE, "slow_reader", "the answer was given up, since nobody took it"));
    }
    if (event instanceof ChoiceEvent.Piece piece) {
      figures.completion(piece.piece().tokens().size());
      boolean tells = shape.tellsTokens() || streaming.continuous();
      if (!piece.piece().text().isEmpty() || (tells && !piece.piece().tokens().isEmpty())) {
        client.event(chunk(shape.piece(piece.choice(), piece.piece())));
      }
    } else if (event instanceof ChoiceEvent.End end) {
      end(end);
    }
    return true;
  }

  private boolean fail(RuntimeException reason) {
    if (!client.hasBegun()) {
      throw reason;
    }
    client.event(Faults.of(reason).body());
    client.flush();
    return false;
  }

  private void end(ChoiceEvent.End end) {
    left--;
    done.add(end.generation());
    count(end.choice(), end.generation());
    ObjectNode chunk = chunk(shape.ending(end.choice(), end.generation()));
    if (left > 0) {
      client.event(chunk);
      return;
    }
    settleCompletion();
    if (!streaming.usage()) {
      chunk.set("kvpress", figures.kvpress());
      client.event(chunk);
      return;
    }
    client.event(chunk);
    ObjectNode last = shape.envelope(true);
    last.putArray("choices");
    last.set("usage", figures.usage());
    last.set("kvpress", figures.kvpress());
    client.event(last);
  }

  /** Tokens whose text was cut away with a stop string were in no piece. */
  private void settleCompletion() {
    long generated = done.stream().mapToLong(g -> g.usage().generatedTokens()).sum();
    figures.completion(generated - figures.completionTokens());
  }

  private ObjectNode chunk(ObjectNode choice) {
    ObjectNode chunk = shape.envelope(true);
    chunk.putArray("choices").add(choice);
    if (streaming.continuous()) {
      chunk.putObject("usage").put("completion_tokens", figures.completionTokens());
    } else if (streaming.usage()) {
      chunk.putNull("usage");
    }
    return chunk;
  }

  private void count(int index, Generation generation) {
    Choice choice = choices.get(index);
    int context = generation.usage().contextTokens();
    if (countedPrompts.add(choice.prompt())) {
      figures.prompt(
          (long) context + generation.usage().promptTokens(),
          choice.context().cached() ? context : 0);
    }
    if (!streaming.on()) {
      figures.completion(generation.usage().generatedTokens());
    }
    List<String> notices = new ArrayList<>(choice.context().notices());
    if (generation.reason() == FinishReason.CANCELLED && client.stop() == Client.Stop.STOPPING) {
      notices.add("the server stops; the answer ends here");
    }
    figures.choice(index, generation, choice, notices);
  }
}
