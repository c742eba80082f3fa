package dev.kvpress.runtime.generate;

import static dev.kvpress.runtime.generate.GenerateFixtures.STORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.Collections2;
import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is closed first, the others end or say so, and nothing is left behind. */
@Tag(TestProvider.TAG)
class GeneratorClosingTest {
  @TempDir Path cache;

  private enum Closed {
    REQUEST,
    CONTEXT,
    CONVERSATION,
    GENERATOR,
    MODEL
  }

  private static boolean isGeneratorThread(Thread thread) {
    return thread.getName().startsWith("kvpress-generator-") && thread.isAlive();
  }

  private static long generatorThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(GeneratorClosingTest::isGeneratorThread)
        .count();
  }

  @Test
  void anyOrderIsSafe() {
    // Every order of the other four, and the request at every place of some of them.
    List<Closed> others =
        List.of(Closed.CONTEXT, Closed.CONVERSATION, Closed.GENERATOR, Closed.MODEL);
    int place = 0;
    for (List<Closed> order : Collections2.permutations(others)) {
      List<Closed> all = new java.util.ArrayList<>(order);
      all.add(place++ % 5, Closed.REQUEST);
      closeIn(all);
    }
    assertThat(generatorThreads()).isZero();
  }

  private void closeIn(List<Closed> order) {
    DecoderModel model = GenerateFixtures.open(cache);
    Generator generator = Generator.over(model, GenerateFixtures.words(), GeneratorOptions.DEFAULT);
    Compression half = new Compression(GenerateFixtures.press("knorm"), Budget.ratio(0.5));
    SharedContext context = generator.compress(new Prompt.Text(STORY), half);
    Conversation conversation = generator.converse(List.of(), ConversationOptions.DEFAULT);
    Generating turn = conversation.say(ChatMessage.user("Hi"), GenerationListener.NONE);
    Generating request =
        generator.start(
            GenerationRequest.text(" One day").behind(context).atMost(200),
            GenerationListener.NONE);
    for (Closed next : order) {
      switch (next) {
        case REQUEST -> request.cancel();
        case CONTEXT -> context.close();
        case CONVERSATION -> conversation.close();
        case GENERATOR -> generator.close();
        case MODEL -> model.close();
      }
    }
    for (Generating one : List.of(turn, request)) {
      try {
        assertThat(one.join().reason())
            .as("%s", order)
            .isIn(FinishReason.CANCELLED, FinishReason.MAX_TOKENS, FinishReason.END_TOKEN);
      } catch (IllegalStateException e) {
        assertThat(e).as("%s", order).hasMessageContaining("closed");
      }
    }
    assertThat(generator.running()).isZero();
    assertThat(generator.cacheBytes()).isZero();
    assertThatThrownBy(() -> generator.generate(GenerationRequest.text(STORY)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void closingEndsAllThatRunsAndWaits() {
    Generator generator =
        Generator.open(
            GenerateFixtures.modelPath(),
            new DecoderOptions(TestProvider.chosen(), 0, 1, cache),
            GeneratorOptions.DEFAULT.withMostRunning(1));
    CountDownLatch begun = new CountDownLatch(1);
    Generating runs =
        generator.start(GenerationRequest.text(STORY).atMost(400), piece -> begun.countDown());
    Generating waits =
        generator.start(GenerationRequest.text(STORY).atMost(400), GenerationListener.NONE);
    GenerateFixtures.await(begun);
    generator.close();
    generator.close();
    assertThat(runs.join().reason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(runs.join().text()).isNotEmpty();
    assertThat(waits.join().reason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(waits.join().text()).isEmpty();
    assertThatThrownBy(() -> generator.model().start(1, java.util.Set.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
    assertThat(generatorThreads()).isZero();
  }

  @Test
  void aListenerMayClose() throws Exception {
    DecoderModel model = GenerateFixtures.open(cache);
    Generator generator = Generator.over(model, GenerateFixtures.words(), GeneratorOptions.DEFAULT);
    AtomicReference<Thread> driver = new AtomicReference<>();
    Generating running =
        generator.start(
            GenerationRequest.text(STORY).atMost(400),
            piece -> {
              driver.set(Thread.currentThread());
              generator.close();
            });
    assertThat(running.join().reason()).isEqualTo(FinishReason.CANCELLED);
    driver.get().join(30_000);
    assertThat(driver.get().isAlive()).isFalse();
    model.close();
  }

  @Test
  void aModelThatIsClosedUnderneathSaysSo() {
    DecoderModel model = GenerateFixtures.open(cache);
    try (Generator generator =
        Generator.over(model, GenerateFixtures.words(), GeneratorOptions.DEFAULT)) {
      CountDownLatch begun = new CountDownLatch(1);
      Generating running =
          generator.start(GenerationRequest.text(STORY).atMost(400), piece -> begun.countDown());
      GenerateFixtures.await(begun);
      model.close();
      assertThatThrownBy(running::join)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is closed");
      assertThatThrownBy(() -> generator.generate(GenerationRequest.text(STORY)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is closed");
    }
    assertThat(generatorThreads()).isZero();
  }
}
