package dev.kvpress.runtime.generate;

import static dev.kvpress.runtime.generate.GenerateFixtures.press;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.CachePolicy;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.chat.ChatMessage;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns on one cache. */
@Tag(TestProvider.TAG)
class ConversationTest {
  private static final ChatMessage FIRST = ChatMessage.user("Tell me of Lily and her dog.");
  private static final ChatMessage SECOND = ChatMessage.user("What did they do then?");
  private static final ConversationOptions SHORT =
      ConversationOptions.DEFAULT.within(new Limits(12, Optional.empty()));

  @TempDir static Path cache;
  private static DecoderModel model;
  private static Generator generator;

  @BeforeAll
  static void open() {
    model = GenerateFixtures.open(cache);
    generator = Generator.over(model, GenerateFixtures.words(), GeneratorOptions.DEFAULT);
  }

  @AfterAll
  static void close() {
    if (model != null) {
      generator.close();
      model.close();
    }
  }

  private static int[] fragment(String text) {
    return generator.words().tokenizer().encodeFragment(text);
  }

  private static ImmutableIntArray ids(Generation answer) {
    return ImmutableIntArray.copyOf(answer.tokens().stream().mapToInt(TokenScore::id));
  }

  /** What the model says behind tokens that it reads at once. */
  private static Generation behind(List<ImmutableIntArray> parts) {
    ImmutableIntArray.Builder all = ImmutableIntArray.builder();
    parts.forEach(all::addAll);
    return generator.generate(
        GenerationRequest.tokens(all.build().toArray()).atMost(SHORT.limits().maxTokens()));
  }

  private static ImmutableIntArray said(String text) {
    return ImmutableIntArray.copyOf(fragment(text));
  }

  @Test
  void turnsAreOneLongPromptWhereNothingIsCut() {
    try (Conversation conversation = generator.converse(List.of(), SHORT)) {
      assertThat(conversation.keptTokens()).isZero();
      Generation first = conversation.say(FIRST);
      Generation second = conversation.say(SECOND);
      ImmutableIntArray opening = said("user: " + FIRST.content() + "\nassistant: ");
      ImmutableIntArray between = said("\nuser: " + SECOND.content() + "\nassistant: ");
      assertThat(ids(first)).isEqualTo(ids(behind(List.of(opening))));
      assertThat(ids(second)).isEqualTo(ids(behind(List.of(opening, ids(first), between))));
      // The last token of the first answer had not passed; nothing else is read again.
      assertThat(second.usage().promptTokens()).isEqualTo(1 + between.length());
      assertThat(conversation.messages())
          .containsExactly(
              FIRST,
              ChatMessage.assistant(first.text()),
              SECOND,
              ChatMessage.assistant(second.text()));
    }
  }

  /** Roles by name, white space before answers that the prompt does not end with. */
  private static ModelWords spaced(Tokenizer tokenizer, String space) {
    String template =
        "{% for m in messages %}{{ m['role'] }}:{% if m['role'] == 'assistant' %}"
            + space
            + "{% endif %}{{ m['content'] | trim }}\n{% endfor %}"
            + "{% if add_generation_prompt %}assistant:{% endif %}";
    return new ModelWords(tokenizer, Optional.of(ChatTemplate.of("test", template, Map.of())));
  }

  @Test
  void whiteSpaceThatTheTemplateWritesBeforeAnAnswerIsReadWithIt() {
    for (StopRules stops :
        List.of(StopRules.NONE, new StopRules(List.of("e"), java.util.Set.of(), false))) {
      ModelWords words = spaced(generator.words().tokenizer(), "   ");
      try (Generator own = Generator.over(model, words, GeneratorOptions.DEFAULT);
          Conversation conversation = own.converse(List.of(), SHORT.stoppingAt(stops))) {
        Generation first = conversation.say(FIRST);
        Generation second = conversation.say(SECOND);
        ImmutableIntArray opening = said("user:" + FIRST.content() + "\nassistant:");
        // The tokenizer puts one space before each piece itself.
        ImmutableIntArray answer = said("  " + first.text().strip());
        ImmutableIntArray between = said("\nuser:" + SECOND.content() + "\nassistant:");
        assertThat(second.usage().contextTokens()).isEqualTo(opening.length());
        assertThat(second.usage().promptTokens()).isEqualTo(answer.length() + between.length());
        Generation whole = behind(List.of(opening, answer, between));
        assertThat(whole.text()).startsWith(second.text());
        assertThat(ids(whole).asList()).startsWith(ids(second).asList().toArray(Integer[]::new));
      }
    }
  }

  @Test
  void anAnswerThatHasItsWhiteSpaceAlreadyIsNotReadAgain() {
    for (String space : List.of("", " ")) {
      ModelWords words = spaced(generator.words().tokenizer(), space);
      try (Generator own = Generator.over(model, words, GeneratorOptions.DEFAULT);
          Conversation conversation = own.converse(List.of(), SHORT)) {
        Generation first = conversation.say(FIRST);
        ImmutableIntArray opening = said("user:" + FIRST.content() + "\nassistant:");
        String written = generator.words().tokenizer().decode(ids(first).toArray());
        Generation second = conversation.say(SECOND);
        boolean same = space.isEmpty() || written.equals(space + first.text().strip());
        assertThat(second.usage().contextTokens())
            .isEqualTo(opening.length() + (same ? ids(first).length() - 1 : 0));
      }
    }
  }

  @Test
  void aTemplateThatWritesMoreThanWhiteSpaceBeforeAnAnswerIsRefused() {
    ModelWords words = spaced(generator.words().tokenizer(), "--> ");
    try (Generator own = Generator.over(model, words, GeneratorOptions.DEFAULT);
        Conversation conversation = own.converse(List.of(), SHORT)) {
      conversation.say(FIRST);
      assertThatThrownBy(() -> conversation.say(SECOND))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("writes an earlier turn otherwise");
    }
  }

  @Test
  void anAnswerThatAStopStringEndsGoesOnFromThere() {
    String free;
    try (Conversation conversation = generator.converse(List.of(), SHORT)) {
      free = conversation.say(FIRST).text();
    }
    String stop = free.substring(free.length() / 2, free.length() / 2 + 2);
    String cut = free.substring(0, free.indexOf(stop));
    try (Conversation conversation =
        generator.converse(
            List.of(), SHORT.stoppingAt(new StopRules(List.of(stop), java.util.Set.of(), false)))) {
      Generation first = conversation.say(FIRST);
      assertThat(first.text()).isEqualTo(cut);
      assertThat(conversation.messages().get(1).content()).isEqualTo(cut);
      long cached = conversation.keptTokens() / 20;
      assertThat(cached).isEqualTo(fragment("user: " + FIRST.content() + "\nassistant: ").length);
      Generation second = conversation.say(SECOND);
      String asked =
          "user: " + FIRST.content() + "\nassistant: " + cut + "\nuser: " + SECOND.content();
      assertThat(cached + second.usage().promptTokens())
          .isBetween((long) fragment(asked).length, fragment(asked + "\nassistant: ").length + 6L);
    }
  }

  @Test
  void forksDoNotSeeEachOther() {
    try (Conversation conversation = generator.converse(List.of(), SHORT)) {
      conversation.say(FIRST);
      try (Conversation fork = conversation.fork()) {
        Generation there = fork.say(ChatMessage.user("And the cat?"));
        Generation here = conversation.say(SECOND);
        assertThat(fork.messages()).hasSize(4);
        assertThat(conversation.messages().get(2)).isEqualTo(SECOND);
        try (Conversation again = generator.converse(List.of(), SHORT)) {
          again.say(FIRST);
          assertThat(again.say(SECOND).text()).isEqualTo(here.text());
        }
        assertThat(there.text()).isNotEqualTo(here.text());
      }
    }
  }

  @Test
  void aPolicyKeepsTheCacheWithinItsBound() {
    ConversationOptions bounded = SHORT.boundedBy(new CachePolicy(press("knorm"), 40, 24));
    try (Conversation conversation = generator.converse(List.of(), bounded)) {
      List<Long> kept = new ArrayList<>();
      for (int turn = 0; turn < 4; turn++) {
        conversation.say(turn % 2 == 0 ? FIRST : SECOND);
        kept.add(conversation.keptTokens() / 20);
      }
      assertThat(kept).allMatch(tokens -> tokens <= 40);
      assertThat(conversation.logicalBytes()).isEqualTo(kept.get(3) * model.cacheBytesPerToken());
    }
    assertThatThrownBy(() -> bounded.compressedBy(press("knorm"), Budget.ratio(0.5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("policy");
  }

  @Test
  void aTurnThatIsGivenUpIsPartOfItWithItsTextOrUndone() {
    try (Conversation conversation = generator.converse(List.of(), SHORT)) {
      conversation.say(FIRST);
      AtomicReference<Generating> running = new AtomicReference<>();
      CountDownLatch known = new CountDownLatch(1);
      running.set(
          conversation.say(
              SECOND,
              piece -> {
                GenerateFixtures.await(known);
                running.get().cancel();
              }));
      known.countDown();
      Generation partial = running.get().join();
      assertThat(partial.reason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(conversation.messages()).hasSize(4);
      assertThat(conversation.messages().get(3).content()).isEqualTo(partial.text());
      List<ChatMessage> before = conversation.messages();
      Generating failing =
          conversation.say(
              FIRST,
              piece -> {
                throw new IllegalStateException("gone");
              });
      assertThatThrownBy(failing::join).hasMessage("gone");
      assertThat(conversation.messages()).isEqualTo(before);
      Generating never = conversation.say(FIRST, GenerationListener.NONE);
      never.cancel();
      Generation given = never.join();
      assertThat(conversation.messages().size())
          .isEqualTo(given.usage().generatedTokens() == 0 ? 4 : 6);
      assertThat(conversation.say(SECOND).text()).isNotEmpty();
    }
  }

  @Test
  void aTurnWaitsForTheOneBefore() throws Exception {
    try (Conversation conversation = generator.converse(List.of(), SHORT)) {
      CountDownLatch reached = new CountDownLatch(1);
      CountDownLatch open = new CountDownLatch(1);
      Generating first =
          conversation.say(
              FIRST,
              piece -> {
                reached.countDown();
                GenerateFixtures.await(open);
              });
      GenerateFixtures.await(reached);
      AtomicReference<Generation> second = new AtomicReference<>();
      Thread other = new Thread(() -> second.set(conversation.say(SECOND)));
      other.start();
      GenerateFixtures.sleep(20);
      assertThat(first.isDone()).isFalse();
      assertThat(conversation.messages()).isEmpty();
      open.countDown();
      other.join();
      assertThat(conversation.messages()).hasSize(4);
      assertThat(second.get().usage().contextTokens()).isPositive();
    }
  }

  @Test
  void templatesThatWriteEarlierTurnsOtherwiseAreRefused() {
    String forgetful =
        "{% for m in messages %}{% if loop.last or m['role'] != 'assistant' %}{{ m['role'] }}:"
            + " {{ m['content'] }}\n{% endif %}{% endfor %}assistant: ";
    Tokenizer tokenizer = generator.words().tokenizer();
    ModelWords words =
        new ModelWords(tokenizer, Optional.of(ChatTemplate.of("forgetful", forgetful, Map.of())));
    try (Generator other = Generator.over(model, words, GeneratorOptions.DEFAULT);
        Conversation conversation = other.converse(List.of(), SHORT)) {
      conversation.say(FIRST);
      assertThatThrownBy(() -> conversation.say(SECOND))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("writes an earlier turn otherwise");
      assertThat(conversation.messages()).hasSize(2);
    }
    ModelWords none = new ModelWords(tokenizer, Optional.empty());
    try (Generator other = Generator.over(model, none, GeneratorOptions.DEFAULT)) {
      assertThatThrownBy(() -> other.converse(List.of(), SHORT))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("no chat template");
    }
  }

  @Test
  void seedsRepeatAConversationAndDifferByTurn() {
    ConversationOptions drawn = SHORT.sampling(SamplingOptions.temperature(1).withSeed(7));
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      try (Conversation conversation = generator.converse(List.of(), drawn)) {
        texts.add(conversation.say(FIRST).text() + "|" + conversation.say(FIRST).text());
      }
    }
    assertThat(texts.get(0)).isEqualTo(texts.get(1));
  }
}
