package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.positions;
import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every press of the catalogue on trained weights. */
class PressOnTrainedModelTest {
  private static final int PROMPT = 300;
  private static final List<String> WITH_SMALL_WINDOWS =
      List.of(
          "h2o(local_window_size=16)",
          "h2o(local_window_size=16,normalize=false)",
          "snapkv(window_size=16)",
          "dms(h2o(local_window_size=8),threshold=0.003,sliding_window_size=16)",
          "dms(random,threshold=0.5,sliding_window_size=16)",
          "dms(knorm,threshold=-3,sliding_window_size=16)");

  @TempDir static Path cache;
  private static DecoderModel model;
  private static final Map<String, NamedPress> PRESSES = new LinkedHashMap<>();

  @BeforeAll
  static void open() {
    model = DecodeFixtures.open("stories260K", cache);
    PressCatalog catalog = PressCatalog.load();
    for (PressDescriptor descriptor : catalog.descriptors()) {
      add(anyOf(catalog, descriptor.name()));
    }
    WITH_SMALL_WINDOWS.forEach(spec -> add(catalog.make(spec)));
    assertThat(PRESSES).hasSizeGreaterThan(WITH_SMALL_WINDOWS.size() + 8);
  }

  private static NamedPress anyOf(PressCatalog catalog, String name) {
    List<String> specs =
        List.of(
            name,
            name + "(h2o)",
            name + "(h2o,compression_ratios=[0.1,0.2,0.3,0.4,0.5])",
            name + "(h2o,decoding(knorm))");
    PressSpecException last = null;
    for (String spec : specs) {
      try {
        return catalog.make(spec);
      } catch (PressSpecException needsSomethingInside) {
        last = needsSomethingInside;
      }
    }
    throw new IllegalStateException("write down how to make " + name, last);
  }

  private static void add(NamedPress press) {
    if (press.press().needs().stream().allMatch(s -> model.refusal(s).isEmpty())) {
      PRESSES.put(press.spec().toString(), press);
    }
  }

  @AfterAll
  static void close() {
    if (model != null) {
      model.close();
    }
  }

  private static Context prefilled(int chunk) {
    List<Set<Signal>> needs = new ArrayList<>();
    PRESSES.values().forEach(press -> needs.add(press.press().needs()));
    Context context = model.start(1, Signal.union(needs));
    context.prefill(storyIds(0, PROMPT), chunk);
    return context;
  }

  @Test
  void theSameTokensStayHoweverThePromptWasChunked() {
    Map<String, List<List<Integer>>> expected = new HashMap<>();
    for (int chunk : new int[] {PROMPT, 7, 64, 256}) {
      try (Context context = prefilled(chunk)) {
        PRESSES.forEach(
            (spec, press) -> {
              try (Context fork = context.fork()) {
                fork.compress(press.press(), Budget.ratio(0.6));
                List<List<Integer>> kept = positions(fork, model, 1);
                assertThat(kept)
                    .as("%s with chunks of %d", spec, chunk)
                    .isEqualTo(expected.computeIfAbsent(spec, s -> kept));
              }
            });
      }
    }
  }

  @Test
  void aRatioOfZeroChangesNothing() {
    int[] next = storyIds(PROMPT, PROMPT + 12);
    try (Context context = prefilled(64)) {
      Logits plain;
      try (Context fork = context.fork()) {
        plain = fork.forward(next);
      }
      PRESSES.forEach(
          (spec, press) -> {
            if (press.press().budgetKind() != dev.kvpress.presses.BudgetKind.OWN) {
              try (Context fork = context.fork()) {
                assertThat(fork.compress(press.press(), Budget.ratio(0)).removedTokens()).isZero();
                // A cache in few bits is one of other numbers.
                if (press.press().cacheFormat().isEmpty()) {
                  assertClose(fork.forward(next), plain, 1e-5);
                }
              }
            }
          });
    }
  }

  @Test
  void evictionReallyFreesMemory() {
    try (Context context = prefilled(64)) {
      long full = context.physicalBytes();
      assertThat(full).isEqualTo(context.logicalBytes());
      long pool = model.pool().liveBytes();
      context.compress(PRESSES.get("streaming_llm").press(), Budget.ratio(0.75));
      assertThat(context.keptTokens()).isEqualTo(75L * 5 * 4);
      assertThat(context.achievedRatio()).isEqualTo(0.75);
      assertThat(context.logicalBytes()).isEqualTo(full / 4);
      assertThat(context.physicalBytes()).isEqualTo(full / 4);
      assertThat(model.pool().liveBytes()).isLessThan(pool / 2);
    }
  }

  @Test
  void headsOfDifferentLengthArePaddedToTheLongestOnly() {
    try (Context context = prefilled(64)) {
      context.compress(PRESSES.get(WITH_SMALL_WINDOWS.get(3)).press(), Budget.FULL);
      long slots = 0;
      boolean ragged = false;
      for (int l = 0; l < 5; l++) {
        int longest = 0;
        for (int g = 0; g < 4; g++) {
          int length = context.positions(l, 0, g).length;
          ragged |= g > 0 && length != context.positions(l, 0, 0).length;
          longest = Math.max(longest, length);
        }
        slots += longest * 4L;
      }
      assertThat(ragged).isTrue();
      assertThat(context.physicalBytes()).isEqualTo(slots * 2 * 8 * Float.BYTES);
      assertThat(context.logicalBytes()).isEqualTo(context.keptTokens() * 2 * 8 * Float.BYTES);
      assertThat(context.physicalBytes()).isGreaterThan(context.logicalBytes());
    }
  }
}
