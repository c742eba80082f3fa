package dev.kvpress.runtime.decode;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Press;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.probe.Agreement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether rows whose prompts have passed alone go on together as they do alone. A graph that counts
 * positions by the length of the cache gives all rows the position of the longest; prompts that
 * were padded from the start bear that, for distances stay, but rows that join later do not. Graphs
 * of others are therefore tried, once.
 */
final class JoinTrial {
  private static final int[][] PROMPTS = {{0, 3, 1, 4, 2, 5, 6}, {7, 1, 5}};
  private static final int NEXT = 2;

  private final DecoderModel model;
  private @Nullable Optional<String> refusal;

  JoinTrial(DecoderModel model) {
    this.model = model;
  }

  /** Why rows must pass one by one; empty where they need not. */
  synchronized Optional<String> refusal() {
    Optional<String> known = refusal;
    if (known == null) {
      known = declared();
      if (known.isEmpty() && model.graph().ports().form() == AttentionForm.FOREIGN) {
        known = tried();
      }
      refusal = known;
    }
    return known;
  }

  private Optional<String> declared() {
    DecoderGraph graph = model.graph();
    if (!graph.ports().states().isEmpty()) {
      return Optional.of("it has state beside the cache");
    }
    if (graph.fixedBatch().isPresent()) {
      return Optional.of("it takes batches of one size only");
    }
    return model.paddingRefusal();
  }

  private Optional<String> tried() {
    Agreement agreement = Agreement.of(model.graph().precision());
    PaddedLane lane = new PaddedLane(model);
    List<Context> contexts = new ArrayList<>();
    try {
      List<float[]> alone = new ArrayList<>();
      for (int[] eighths : PROMPTS) {
        Context context = model.start(1, Set.of());
        contexts.add(context);
        BatchRow row = row(context, TrialIds.of(model, eighths));
        try (Context fork = context.fork()) {
          alone.add(fork.forward(row.answer().next()).row(0));
        }
        lane.join(row);
      }
      for (Lane.RowLogits together : lane.pass()) {
        if (!agreement.holds(together.logits().row(together.row()), alone.remove(0))) {
          return Optional.of("it counts positions by the length of the longest row");
        }
      }
      return Optional.empty();
    } catch (ModelException e) {
      return Optional.of("it fails on rows of different length (%s)".formatted(e.getMessage()));
    } finally {
      contexts.forEach(Context::close);
      lane.close();
    }
  }

  /** A row whose prompt has passed and whose next token is known. */
  private BatchRow row(Context context, int[] prompt) {
    int next = TrialIds.of(model, NEXT)[0];
    Press none = (layer, budget) -> CacheEdit.none();
    BatchRequest request =
        BatchRequest.greedy(prompt, none, Budget.FULL, 2).choosing((logits, row, text) -> next);
    Logits last = context.prefill(prompt, prompt.length);
    PressCalls calls = new PressCalls(request.press(), request.budget());
    Answer.Terms terms = new Answer.Terms(request.choice(), 2, request.isEnd(), request.listener());
    Answer answer = new Answer(model, context, calls, terms, prompt, 0);
    answer.choose(last, 0);
    return new BatchRow(new Ticket(0, request, Optional.empty()), context, answer);
  }
}
