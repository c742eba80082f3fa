package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.testing.PressMatrix;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.graph.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A row of a batch gives the logits, the tokens and the cache that it gives alone. */
@Tag(TestProvider.TAG)
class BatchEqualsSingleTest {
  private static final int ROWS = 6;
  private static final int CHUNK = 16;
  private static final int NEW_TOKENS = 9;
  private static final Budget BUDGET = Budget.ratio(0.4);

  private static final float TOLERANCE = 1e-4f;

  @TempDir Path folder;
  private int decidedByRounding;

  @Test
  void everyPressOnAModelWithAFusedGraph() throws IOException {
    try (DecoderModel model = tiny("llama", TinyCheckpoint.llama())) {
      assertThat(check(model, presses(model))).isGreaterThan(100);
    }
  }

  @Test
  void everyPressOnAModelWithSlidingWindows() throws IOException {
    TinyCheckpoint windowed =
        TinyCheckpoint.of("MistralForCausalLM", 2, true).config("sliding_window", "11");
    try (DecoderModel model = tiny("windowed", windowed)) {
      assertThat(model.window(0)).isEqualTo(11);
      assertThat(check(model, presses(model))).isGreaterThan(80);
    }
  }

  @Test
  void everyPressOnAGraphOfSomebodyElse() throws IOException {
    Path graph =
        ForeignModels.write(
            Files.createDirectories(folder.resolve("foreign")),
            ElementType.INT64,
            ElementType.FLOAT32,
            true);
    try (DecoderModel model =
        DecoderModel.open(graph, DecodeFixtures.oneThread(folder.resolve("exports")))) {
      assertThat(check(model, presses(model))).isGreaterThan(20);
    }
  }

  private DecoderModel tiny(String name, TinyCheckpoint checkpoint) throws IOException {
    Path path = checkpoint.write(Files.createDirectories(folder.resolve(name)));
    return DecoderModel.open(path, DecodeFixtures.oneThread(folder.resolve("exports")));
  }

  /** Every press and every wrapper around the first form of every scorer that suits the model. */
  private static List<NamedPress> presses(DecoderModel model) {
    PressMatrix matrix = new PressMatrix(PressCatalog.load(), model.info().layers());
    Map<String, NamedPress> scorers = new LinkedHashMap<>();
    matrix.scorers().forEach(scorer -> scorers.putIfAbsent(scorer.spec().name(), scorer));
    List<NamedPress> presses = new ArrayList<>(matrix.plain());
    matrix
        .around(List.copyOf(scorers.values()))
        .forEach(pair -> pair.made().ifPresent(presses::add));
    presses.removeIf(press -> refuses(model, press));
    return presses;
  }

  private static boolean refuses(DecoderModel model, NamedPress press) {
    try {
      model.requirePress(press.spec().toString(), press.press(), 60);
      return false;
    } catch (ModelException e) {
      return true;
    }
  }

  /** Number of presses whose answers were compared. */
  private int check(DecoderModel model, List<NamedPress> presses) {
    Random random = new Random(7);
    // Neighbours in a batch are to be of different kinds.
    List<NamedPress> shuffled = new ArrayList<>(presses);
    Collections.shuffle(shuffled, random);
    int compared = 0;
    for (int from = 0; from < shuffled.size(); from += ROWS) {
      List<Asked> asked = new ArrayList<>();
      for (NamedPress press : shuffled.subList(from, Math.min(shuffled.size(), from + ROWS))) {
        asked.add(Asked.random(press, model.info().vocabulary(), random));
      }
      compared += compare(model, asked);
    }
    assertThat(decidedByRounding).isLessThanOrEqualTo(1 + compared / 50);
    return compared;
  }

  private record Asked(NamedPress press, int[] prompt, List<float[]> logits) {
    static Asked random(NamedPress press, int vocabulary, Random random) {
      int[] prompt = random.ints(20 + random.nextInt(25), 0, vocabulary).toArray();
      return new Asked(press, prompt, new ArrayList<>());
    }

    BatchRequest request() {
      return BatchRequest.greedy(prompt, press.press(), BUDGET, NEW_TOKENS)
          .choosing(recording(logits));
    }
  }

  private static TokenChoice recording(List<float[]> into) {
    return (logits, row, text) -> {
      into.add(DecodeFixtures.row(logits, row));
      return logits.argmax(row);
    };
  }

  private int compare(DecoderModel model, List<Asked> asked) {
    long before = model.pool().liveBytes();
    List<Ticket> tickets = new ArrayList<>();
    try (Batch batch = Batch.over(model, new BatchOptions(4, CHUNK))) {
      asked.forEach(row -> tickets.add(batch.submit(row.request())));
      batch.run();
    }
    assertThat(model.pool().liveBytes()).isEqualTo(before);
    int compared = 0;
    for (int r = 0; r < asked.size(); r++) {
      compared += compare(model, asked.get(r), tickets.get(r)) ? 1 : 0;
    }
    return compared;
  }

  /** Whether there was an answer; a press that fails alone must fail here for the same reason. */
  private boolean compare(DecoderModel model, Asked asked, Ticket ticket) {
    String spec = asked.press().spec().toString();
    Single alone;
    try {
      alone = single(model, asked, CHUNK);
    } catch (RuntimeException e) {
      Throwable other = catchThrowable(ticket::result);
      assertThat(other).as(spec).hasSameClassAs(e).hasMessage(e.getMessage());
      return false;
    }
    if (ticket.future().isCompletedExceptionally()) {
      throw new AssertionError(spec, catchThrowable(ticket::result));
    }
    if (!agrees(asked.logits(), alone.logits())) {
      // Scores that are equal but for rounding: reading the prompt in other chunks, the row alone
      // gives the other of the two answers as well.
      decidedByRounding++;
      alone =
          IntStream.of(1, 3, 5)
              .mapToObj(chunk -> single(model, asked, chunk))
              .filter(other -> agrees(asked.logits(), other.logits()))
              .findFirst()
              .orElse(alone);
    }
    assertSame(spec, asked.logits(), ticket.result(), alone);
    return true;
  }

  private static boolean agrees(List<float[]> actual, List<float[]> expected) {
    if (actual.size() != expected.size()) {
      return false;
    }
    for (int step = 0; step < actual.size(); step++) {
      for (int v = 0; v < actual.get(step).length; v++) {
        if (!(Math.abs(actual.get(step)[v] - expected.get(step)[v]) <= TOLERANCE)) {
          return false;
        }
      }
    }
    return true;
  }

  private static void assertSame(
      String spec, List<float[]> logits, GenerationResult result, Single alone) {
    assertThat(logits).as(spec).hasSameSizeAs(alone.logits());
    for (int step = 0; step < logits.size(); step++) {
      assertThat(logits.get(step))
          .as("%s, step %d", spec, step)
          .containsExactly(alone.logits().get(step), Offset.offset(TOLERANCE));
    }
    GenerationResult single = alone.result();
    assertThat(result.ids()).as(spec).isEqualTo(single.ids());
    assertThat(result.stopReason()).as(spec).isEqualTo(single.stopReason());
    assertThat(result.seenTokens()).as(spec).isEqualTo(single.seenTokens());
    assertThat(result.keptTokens()).as(spec).isEqualTo(single.keptTokens());
    assertThat(result.finalKeptTokens()).as(spec).isEqualTo(single.finalKeptTokens());
    assertThat(result.notices()).as(spec).isEqualTo(single.notices());
  }

  private record Single(GenerationResult result, List<float[]> logits) {}

  private static Single single(DecoderModel model, Asked asked, int chunk) {
    List<float[]> logits = new ArrayList<>();
    ModelPress press = asked.press().press();
    PressCalls calls = new PressCalls(press, BUDGET);
    try (Context context = model.start(1, press.needs())) {
      Logits last = context.prefill(asked.prompt(), chunk);
      calls.compressPrompt(context);
      Answer.Terms terms = new Answer.Terms(recording(logits), NEW_TOKENS, id -> false, id -> {});
      Answer answer = new Answer(model, context, calls, terms, asked.prompt(), 0);
      return new Single(answer.run(last), logits);
    }
  }
}
