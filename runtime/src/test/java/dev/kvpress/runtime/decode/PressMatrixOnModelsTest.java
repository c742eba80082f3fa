package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.testing.PressMatrix;
import dev.kvpress.runtime.export.QuantizedFolders;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.export.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every wrapper around every scorer on whole models: the cache really shrinks, and text goes on.
 */
@Tag("long")
@Tag(TestProvider.TAG)
class PressMatrixOnModelsTest {
  private static final Path DEMO = Path.of("..", "test-data", "models", "demo");
  private static final int PROMPT = 40;
  private static final int STEPS = 4;
  private static final Budget HALF = Budget.ratio(0.5);

  @TempDir Path folder;

  @Test
  void onTheDemoModelWithGroupedQueries() {
    Assumptions.assumeTrue(Files.exists(DEMO), "the demo model is not there");
    assertThat(check(DEMO)).isGreaterThan(100);
  }

  @Test
  void onAModelWithAsManyKvHeadsAsQueryHeads() throws IOException {
    Path checkpoint = Files.createDirectories(folder.resolve("mha"));
    assertThat(check(TinyCheckpoint.of("LlamaForCausalLM", 4, true).write(checkpoint)))
        .isGreaterThan(100);
  }

  @Test
  void onAModelThatComesQuantized() {
    assertThat(check(QuantizedFolders.named("gptq-4"))).isGreaterThan(100);
    assertThat(check(QuantizedFolders.named("awq"))).isGreaterThan(100);
  }

  /** Number of pairs that ran. */
  private int check(Path checkpoint) {
    try (DecoderModel model =
        DecoderModel.open(checkpoint, DecodeFixtures.allThreads(folder.resolve("exports")))) {
      List<NamedPress> presses = presses(model);
      try (Context prefilled =
          model.start(1, Signal.union(presses.stream().map(p -> p.press().needs()).toList()))) {
        int[] prompt = new int[PROMPT];
        for (int i = 0; i < PROMPT; i++) {
          prompt[i] = 3 + i * 7 % 31;
        }
        prefilled.prefill(prompt, 16);
        for (NamedPress press : presses) {
          try (Context fork = prefilled.fork()) {
            run(press, model, fork);
          } catch (RuntimeException e) {
            throw new AssertionError(press.spec().toString(), e);
          }
        }
        assertThat(prefilled.keptTokens()).isEqualTo(heads(model) * PROMPT);
      }
      return presses.size();
    }
  }

  /** Pairs that were made and whose signals the model gives; each scorer in its first form. */
  private static List<NamedPress> presses(DecoderModel model) {
    PressMatrix matrix = new PressMatrix(PressCatalog.load(), model.info().layers());
    Map<String, NamedPress> scorers = new LinkedHashMap<>();
    matrix.scorers().forEach(scorer -> scorers.putIfAbsent(scorer.spec().name(), scorer));
    List<NamedPress> presses = new ArrayList<>(scorers.values());
    matrix
        .around(List.copyOf(scorers.values()))
        .forEach(pair -> pair.made().ifPresent(presses::add));
    presses.removeIf(
        press -> press.press().needs().stream().anyMatch(s -> model.refusal(s).isPresent()));
    return presses;
  }

  private static void run(NamedPress named, DecoderModel model, Context context) {
    String spec = named.spec().toString();
    ModelPress press = named.press();
    assertThat(context.physicalBytes()).isEqualTo(bytes(model, heads(model) * PROMPT));
    context.compress(press, HALF);
    assertBytes(spec, press, model, context);
    if (press.budgetKind() != BudgetKind.OWN) {
      assertThat(context.keptTokens()).as(spec).isLessThan(heads(model) * PROMPT);
      // A head that keeps everything pads the others of its layer to its length.
      long full = bytes(model, heads(model) * PROMPT);
      long limit = press.leaves() == CacheShape.BY_HEAD ? full + 1 : full;
      assertThat(context.physicalBytes()).as(spec).isLessThan(limit);
    }
    for (int step = 0; step < STEPS; step++) {
      Logits logits = context.forward(new int[] {5 + step});
      assertThat(logits.get(0, 7)).as(spec).isFinite();
      if (press.phases().contains(Phase.DECODE)) {
        context.compress(press, HALF);
        assertBytes(spec, press, model, context);
        if (press.budgetKind() == BudgetKind.EXACT) {
          assertThat(context.keptTokens())
              .as(spec)
              .isEqualTo(heads(model) * HALF.keptOf(PROMPT + step + 1));
        }
      }
    }
  }

  /** The cache takes what its longest heads hold and no more. */
  private static void assertBytes(
      String spec, ModelPress press, DecoderModel model, Context context) {
    long slots = 0;
    for (int l = 0; l < model.info().layers(); l++) {
      int longest = 0;
      for (int g = 0; g < model.info().kvHeads(); g++) {
        longest = Math.max(longest, context.positions(l, 0, g).length);
      }
      slots += (long) longest * model.info().kvHeads();
    }
    assertThat(context.cacheFormat()).as(spec).isEqualTo(press.cacheFormat());
    if (press.cacheFormat().isPresent()) {
      assertThat(context.logicalBytes())
          .as(spec)
          .isBetween(1L, Math.min(bytes(model, context.keptTokens()), context.physicalBytes()));
      return;
    }
    assertThat(context.physicalBytes()).as(spec).isEqualTo(bytes(model, slots));
    assertThat(context.logicalBytes()).as(spec).isEqualTo(bytes(model, context.keptTokens()));
    if (press.leaves() != CacheShape.BY_HEAD) {
      assertThat(context.physicalBytes()).as(spec).isEqualTo(context.logicalBytes());
    }
  }

  private static long heads(DecoderModel model) {
    return (long) model.info().layers() * model.info().kvHeads();
  }

  private static long bytes(DecoderModel model, long tokens) {
    return tokens * 2 * model.info().headSize() * Float.BYTES;
  }
}
