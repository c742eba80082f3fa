package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.EnumMultiset;
import com.google.common.collect.Lists;
import com.google.common.collect.Multiset;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.testing.PressMatrix;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.AskedRow.Outcome;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.text.PromptFrame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A row of a batch gives the logits, the tokens and the cache that it gives alone. */
@Tag("long")
@Tag(TestProvider.TAG)
class BatchEqualsSingleTest {
  private static final int CHUNK = 16;
  private static final int SEED = 7;

  @TempDir Path folder;

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

  @Test
  void everyPressOnAModelWithAlibi() {
    Path bloom = Path.of("..", "test-data", "reference", "architectures", "bloom");
    try (DecoderModel model =
        DecoderModel.open(bloom, DecodeFixtures.oneThread(folder.resolve("exports")))) {
      assertThat(model.moveRefusal()).isPresent();
      assertThat(check(model, presses(model))).isGreaterThan(80);
    }
  }

  private DecoderModel tiny(String name, TinyCheckpoint checkpoint) throws IOException {
    Path path = checkpoint.write(Files.createDirectories(folder.resolve(name)));
    return DecoderModel.open(path, DecodeFixtures.oneThread(folder.resolve("exports")));
  }

  /** Every press and every wrapper around the first form of every scorer that suits the model. */
  private static List<NamedPress> presses(DecoderModel model) {
    model.prompts().use(PromptFrame.encodedBy(text -> new int[] {text.length() % 17, 3}));
    PressMatrix matrix = new PressMatrix(PressCatalog.load(), model.info().layers());
    Map<String, NamedPress> scorers = new LinkedHashMap<>();
    matrix.scorers().forEach(scorer -> scorers.putIfAbsent(scorer.spec().name(), scorer));
    List<NamedPress> presses = new ArrayList<>(matrix.plain());
    matrix
        .around(List.copyOf(scorers.values()))
        .forEach(pair -> pair.made().ifPresent(presses::add));
    // A batch refuses caches in few bits.
    presses.removeIf(press -> press.press().cacheFormat().isPresent());
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
  private static int check(DecoderModel model, List<NamedPress> presses) {
    Random random = new Random(SEED);
    // Neighbours in a batch are to be of different kinds.
    List<NamedPress> shuffled = new ArrayList<>(presses);
    Collections.shuffle(shuffled, random);
    Multiset<Outcome> outcomes = EnumMultiset.create(Outcome.class);
    for (List<NamedPress> some : Lists.partition(shuffled, 6)) {
      List<AskedRow> asked =
          some.stream().map(press -> asked(press, model.info().vocabulary(), random)).toList();
      outcomes.addAll(compare(model, asked));
    }
    assertThat(outcomes.count(Outcome.DECIDED_BY_ROUNDING))
        .isLessThanOrEqualTo(1 + outcomes.size() / 50);
    return outcomes.count(Outcome.SAME);
  }

  private static AskedRow asked(NamedPress press, int vocabulary, Random random) {
    int[] prompt = random.ints(20 + random.nextInt(25), 0, vocabulary).toArray();
    return AskedRow.greedy(press.spec().toString(), press.press(), Budget.ratio(0.4), prompt, 9);
  }

  private static List<Outcome> compare(DecoderModel model, List<AskedRow> asked) {
    long before = model.pool().liveBytes();
    List<Ticket> tickets = new ArrayList<>();
    try (Batch batch = Batch.over(model, new BatchOptions(4, CHUNK))) {
      asked.forEach(row -> tickets.add(batch.submit(row.request())));
      batch.run();
      assertThat(batch.cacheBytes()).isZero();
    }
    assertThat(model.pool().liveBytes()).isEqualTo(before);
    List<Outcome> outcomes = new ArrayList<>();
    for (int r = 0; r < asked.size(); r++) {
      outcomes.add(asked.get(r).compare(model, tickets.get(r), CHUNK));
    }
    return outcomes;
  }
}
