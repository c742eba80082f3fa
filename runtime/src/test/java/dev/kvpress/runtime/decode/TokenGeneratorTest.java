package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenGeneratorTest {
  private static final IntPredicate NEVER = id -> false;

  @TempDir static Path cache;
  private static DecoderModel model;

  @BeforeAll
  static void open() {
    model = DecodeFixtures.open("stories260K", cache);
  }

  @AfterAll
  static void close() {
    if (model != null) {
      model.close();
    }
  }

  private static TokenRequest request(int tokens, String spec, double ratio) {
    ModelPress press = PressCatalog.load().make(spec).press();
    return new TokenRequest(tokens, 64, press, Budget.ratio(ratio));
  }

  private static TokenResult generate(int[] prompt, TokenRequest request) {
    return TokenGenerator.generate(model, prompt, request, NEVER, id -> {});
  }

  @Test
  void theTrainedModelTellsItsStory() {
    Tokenizer tokenizer =
        Tokenizers.find(SharedModels.path("models/stories260K/tok512.bin")).orElseThrow();
    List<Integer> heard = new ArrayList<>();
    int[] prompt = tokenizer.encode("Once upon a time");
    assertThat(prompt).containsExactly(1, 403, 407, 261, 378);
    TokenResult result =
        TokenGenerator.generate(model, prompt, request(60, "baseline", 0), NEVER, heard::add);
    assertThat(tokenizer.decode(join(prompt, result.ids())))
        .startsWith(
            "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball.");
    assertThat(result.stopReason()).isEqualTo(StopReason.MAX_NEW_TOKENS);
    assertThat(result.ids().asList()).hasSize(60).isEqualTo(heard);
    assertThat(result.stepNanos().length()).isEqualTo(59);
    assertThat(result.keptTokens()).isEqualTo(5 * 20).isEqualTo(result.seenTokens());
    assertThat(result.finalKeptTokens()).isEqualTo(64 * 20);
  }

  @Test
  void theFusedDecodingGivesTheTokensOfTheDecomposedOne() {
    int[] prompt = storyIds(0, 100);
    TokenResult result = generate(prompt, request(30, "h2o(local_window_size=16)", 0.4));
    ModelPress press = PressCatalog.load().make("h2o(local_window_size=16)").press();
    try (Context context = model.start(1, press.needs())) {
      Logits last = context.prefill(prompt, 100);
      context.compress(press, Budget.ratio(0.4));
      List<Integer> expected = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        expected.add(last.argmax(0));
        last = context.forward(last.argmax(0));
      }
      assertThat(result.ids().asList()).isEqualTo(expected);
    }
  }

  @Test
  void aCompressedCacheIsSmallerAndGoesOn() {
    int[] prompt = storyIds(0, 200);
    TokenResult full = generate(prompt, request(8, "baseline", 0));
    TokenResult cut = generate(prompt, request(8, "h2o(local_window_size=32)", 0.6));
    assertThat(cut.ids().length()).isEqualTo(8);
    assertThat(cut.keptTokens()).isEqualTo(80 * 20);
    assertThat(cut.physicalBytes()).isEqualTo(full.physicalBytes() * 2 / 5);
    assertThat(cut.logicalBytes()).isEqualTo(cut.physicalBytes());
    assertThat(cut.finalKeptTokens()).isEqualTo(87 * 20);
  }

  @Test
  void aPressThatEvictsWhileDecodingIsAskedAfterEveryStep() {
    TokenResult result =
        generate(storyIds(0, 50), request(40, "h2o(hh_size=16,recent_size=16)", 0));
    assertThat(result.ids().length()).isEqualTo(40);
    assertThat(result.keptTokens()).isEqualTo(32 * 20);
    assertThat(result.finalKeptTokens()).isEqualTo(32 * 20);
  }

  @Test
  void anEndTokenEndsAndIsNotPartOfTheText() {
    int[] prompt = {1, 403, 407, 261, 378};
    TokenResult whole = generate(prompt, request(12, "baseline", 0));
    int fourth = whole.ids().get(3);
    int index = whole.ids().asList().indexOf(fourth);
    TokenResult cut =
        TokenGenerator.generate(
            model, prompt, request(12, "baseline", 0), id -> id == fourth, id -> {});
    assertThat(cut.stopReason()).isEqualTo(StopReason.END_TOKEN);
    assertThat(cut.ids()).isEqualTo(whole.ids().subArray(0, index));
    TokenResult none =
        TokenGenerator.generate(model, prompt, request(12, "baseline", 0), id -> true, id -> {});
    assertThat(none.ids().isEmpty()).isTrue();
    assertThat(none.stopReason()).isEqualTo(StopReason.END_TOKEN);
    assertThat(none.stepNanos().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline", "streaming_llm"})
  void generationStopsAtTheLastPosition(String spec) {
    TokenResult result = generate(storyIds(0, 508), request(100, spec, 0.5));
    assertThat(result.stopReason()).isEqualTo(StopReason.MAX_POSITIONS);
    // Positions 508 to 511 take four tokens; the fifth is predicted but cannot be fed.
    assertThat(result.ids().length()).isEqualTo(5);
    assertThatThrownBy(() -> generate(new int[513], request(1, spec, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the prompt has 513 tokens")
        .hasMessageContaining("512");
  }

  @Test
  void aContextIsCompressedOnceAndQuestionsDoNotInfluenceEachOther() {
    int[] context = storyIds(0, 150);
    List<int[]> questions = List.of(storyIds(150, 160), storyIds(300, 307), storyIds(150, 160));
    for (String spec :
        new String[] {"h2o(local_window_size=16)", "h2o(hh_size=30,recent_size=9)"}) {
      ModelPress press = PressCatalog.load().make(spec).press();
      Pipeline pipeline = new Pipeline(model, 4, 10, NEVER);
      long before = model.pool().liveBytes();
      List<TokenResult> all = pipeline.answer(context, questions, press, Budget.ratio(0.6));
      assertThat(model.pool().liveBytes()).isEqualTo(before);
      assertThat(all).hasSize(3);
      assertThat(all.get(0).ids()).isEqualTo(all.get(2).ids()).isNotEqualTo(all.get(1).ids());
      for (int q = 0; q < 2; q++) {
        TokenResult alone =
            pipeline.answer(context, questions.subList(q, q + 1), press, Budget.ratio(0.6)).get(0);
        assertThat(all.get(q).ids()).isEqualTo(alone.ids());
        assertThat(all.get(q).keptTokens()).isEqualTo(alone.keptTokens());
      }
    }
  }

  @Test
  void questionsBeyondThePositionsAreRefused() {
    Pipeline pipeline = new Pipeline(model, 64, 5, NEVER);
    ModelPress press = PressCatalog.load().make("baseline").press();
    assertThatThrownBy(
            () -> pipeline.answer(storyIds(0, 500), List.of(storyIds(0, 13)), press, Budget.FULL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the question has 13 tokens")
        .hasMessageContaining("12 positions left");
  }

  private static int[] join(int[] prompt, ImmutableIntArray ids) {
    return ImmutableIntArray.builder().addAll(prompt).addAll(ids).build().toArray();
  }
}
