package dev.kvpress.runtime.generate;

import static dev.kvpress.runtime.generate.GenerateFixtures.STORY;
import static dev.kvpress.runtime.generate.GenerateFixtures.press;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.Pipeline;
import dev.kvpress.runtime.decode.TokenResult;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.saved.ContextNotes;
import dev.kvpress.runtime.saved.SavedContext;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompts behind one context that was read and cut once. */
@Tag(TestProvider.TAG)
class SharedContextTest {
  private static final int NEW_TOKENS = 16;
  private static final int CHUNK = 16;
  private static final List<String> QUESTIONS =
      List.of(" One day", " Lily said to her dog", " The dog ran");

  @TempDir static Path folder;
  private static DecoderModel model;
  private static Generator generator;

  @BeforeAll
  static void open() {
    model = GenerateFixtures.open(folder.resolve("cache"));
    generator =
        Generator.over(
            model, GenerateFixtures.words(), GeneratorOptions.DEFAULT.withChunkSize(CHUNK));
  }

  @AfterAll
  static void close() {
    if (model != null) {
      generator.close();
      model.close();
    }
  }

  private static GenerationRequest asked(Prompt prompt, SharedContext context) {
    return GenerationRequest.of(prompt).behind(context).atMost(NEW_TOKENS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "snapkv(window_size=8)",
        "adakv(knorm)",
        "decoding(knorm,target_size=16,compression_interval=2)",
        "quantized(knorm,bits=4,group_size=16,residual_length=8)"
      })
  void answersAreThoseOfThePipeline(String spec) {
    ModelPress press = press(spec);
    Tokenizer tokenizer = generator.words().tokenizer();
    Pipeline pipeline = new Pipeline(model, CHUNK, NEW_TOKENS, tokenizer::endsText);
    List<int[]> questions = QUESTIONS.stream().map(tokenizer::encodeFragment).toList();
    List<TokenResult> expected =
        pipeline.answer(tokenizer.encode(STORY), questions, press, Budget.ratio(0.4));
    try (SharedContext context =
        generator.compress(new Prompt.Text(STORY), GenerateFixtures.removing(0.4, press))) {
      List<Generating> running = new ArrayList<>();
      for (String question : QUESTIONS) {
        running.add(
            generator.start(asked(new Prompt.Text(question), context), GenerationListener.NONE));
      }
      for (int i = 0; i < running.size(); i++) {
        Generation answer = running.get(i).join();
        assertThat(ids(answer)).isEqualTo(expected.get(i).ids());
        assertThat(answer.usage().keptTokens()).isEqualTo(expected.get(i).keptTokens());
        assertThat(answer.usage().seenTokens()).isEqualTo(expected.get(i).seenTokens());
        assertThat(answer.usage().contextTokens()).isEqualTo(context.tokens());
        assertThat(answer.usage().promptTokens()).isEqualTo(questions.get(i).length);
        assertThat(answer.usage().fullBytes())
            .isEqualTo(
                (long) (context.tokens() + questions.get(i).length) * model.cacheBytesPerToken());
      }
      assertThat(context.seenTokens()).isEqualTo(context.tokens() * 20L);
      assertThat(generator.cacheBytes()).isGreaterThanOrEqualTo(context.physicalBytes());
    }
  }

  private static ImmutableIntArray ids(Generation answer) {
    return ImmutableIntArray.copyOf(answer.tokens().stream().mapToInt(TokenScore::id));
  }

  @Test
  void theKeptMapIsThatOfThePress() {
    Compression half = new Compression(press("snapkv(window_size=8)"), Budget.ratio(0.5));
    try (SharedContext context = generator.compress(new Prompt.Text(STORY), half)) {
      KeptMap map = context.kept();
      assertThat(map.tokens()).hasSize(context.tokens());
      double shares = map.tokens().stream().mapToDouble(KeptMap.KeptToken::share).sum();
      assertThat(shares * 20).isCloseTo(context.keptTokens(), within(1e-6));
      // The window is never cut, and the last tokens are the window.
      assertThat(map.tokens().get(context.tokens() - 1).share()).isEqualTo(1);
      assertThat(map.tokens()).anyMatch(token -> token.share() < 1);
      Generation answer =
          generator.generate(asked(new Prompt.Text(" One day"), context).describingKept());
      List<KeptMap.KeptToken> all = answer.kept().orElseThrow().tokens();
      assertThat(all.subList(0, context.tokens())).isEqualTo(map.tokens());
      assertThat(all.subList(context.tokens(), all.size())).allMatch(token -> token.share() == 1);
      assertThat(all).hasSize(context.tokens() + answer.usage().promptTokens());
      Generation alone =
          generator.generate(
              GenerationRequest.text(STORY).compressedBy(half).atMost(1).describingKept());
      assertThat(alone.kept().orElseThrow()).isEqualTo(map);
    }
  }

  @Test
  void messagesBehindMessagesAreTheWholeConversation() {
    List<ChatMessage> begun =
        List.of(ChatMessage.user("Tell me of Lily.  "), ChatMessage.assistant("She has a dog."));
    ChatMessage next = ChatMessage.user("What is its name?");
    List<ChatMessage> whole = List.of(begun.get(0), begun.get(1), next);
    try (SharedContext context = generator.compress(new Prompt.Chat(begun), Compression.NONE)) {
      String cached = generator.text(context.ids()).strip();
      assertThat(cached).isEqualTo("user: Tell me of Lily.\nassistant: She has a dog.");
      for (Prompt prompt :
          List.of(new Prompt.Chat(List.of(next)), new Prompt.Text(next.content()))) {
        Generation answer = generator.generate(asked(prompt, context));
        assertThat(context.tokens() + answer.usage().promptTokens())
            .isEqualTo(
                context.tokens()
                    + generator
                        .words()
                        .tokenizer()
                        .encodeFragment("\nuser: What is its name?\nassistant: ")
                        .length);
        assertThat(answer.text())
            .isEqualTo(
                generator
                    .generate(
                        asked(
                            new Prompt.Tokens(tokens("\nuser: What is its name?\nassistant: ")),
                            context))
                    .text());
      }
      assertThat(generator.tokens(new Prompt.Chat(whole)))
          .isEqualTo(
              tokens(
                  "user: Tell me of Lily.\nassistant: She has a dog.\nuser: What is its name?\nassistant: "));
    }
  }

  private static ImmutableIntArray tokens(String text) {
    return ImmutableIntArray.copyOf(generator.words().tokenizer().encodeFragment(text));
  }

  @Test
  void aTextGoesOnWithWhatTheUserSays() {
    Prompt context = new Prompt.Chat(List.of(ChatMessage.user(STORY + "\n\n")));
    try (SharedContext shared = generator.compress(context, Compression.NONE)) {
      assertThat(shared.ids()).isEqualTo(generator.contextTokens(context));
      assertThat(generator.text(shared.ids()).strip()).isEqualTo("user: " + STORY);
      Generation answer = generator.generate(asked(new Prompt.Text("Who is she?"), shared));
      assertThat(answer.usage().promptTokens())
          .isEqualTo(tokens("\n\nWho is she?\nassistant: ").length());
      assertThatThrownBy(() -> generator.generate(asked(new Prompt.Text(""), shared)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("empty");
    }
  }

  @Test
  void messagesCannotStandBehindATextNorPressesBesideItsOwn() {
    try (SharedContext context = generator.compress(new Prompt.Text(STORY), Compression.NONE)) {
      assertThatThrownBy(
              () ->
                  generator.generate(
                      asked(new Prompt.Chat(List.of(ChatMessage.user("Hi"))), context)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("messages");
      assertThatThrownBy(
              () ->
                  asked(new Prompt.Text("Hi"), context)
                      .compressedBy(press("knorm"), Budget.ratio(0.5)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("goes on");
      try (Generator other =
          Generator.over(model, GenerateFixtures.words(), GeneratorOptions.DEFAULT)) {
        assertThatThrownBy(() -> other.generate(asked(new Prompt.Text("Hi"), context)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("another generator");
      }
    }
  }

  @Test
  void goesOnFromAFileAsItDidBefore() {
    Compression half = new Compression(press("h2o(local_window_size=8)"), Budget.ratio(0.5));
    Path file = folder.resolve("story.safetensors");
    Path chat = folder.resolve("chat.safetensors");
    Prompt said = new Prompt.Chat(List.of(ChatMessage.user(STORY)));
    Prompt answered =
        new Prompt.Chat(List.of(ChatMessage.user(STORY), ChatMessage.assistant("Yes.")));
    Prompt question = new Prompt.Text("Who is she?");
    Generation expected;
    try (SharedContext context = generator.compress(said, half);
        SharedContext behindAnswer = generator.compress(answered, half)) {
      expected = generator.generate(asked(question, context));
      context.save(file, ContextNotes.NONE);
      behindAnswer.save(chat, ContextNotes.NONE);
    }
    SavedContext saved = SavedContext.open(file);
    assertThat(saved.notes().budget()).isEqualTo("compression_ratio=0.5");
    try (SharedContext loaded = generator.load(saved, half);
        SharedContext known = generator.load(saved, half, said)) {
      assertThat(generator.generate(asked(question, loaded)).text()).isEqualTo(expected.text());
      assertThat(generator.generate(asked(question, known)).text()).isEqualTo(expected.text());
      assertThat(loaded.keptTokens()).isEqualTo(known.keptTokens());
    }
    assertThatThrownBy(() -> generator.load(saved, half, answered))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("other tokens");
    try (SharedContext loaded = generator.load(SavedContext.open(chat), half)) {
      assertThatThrownBy(() -> generator.generate(asked(question, loaded)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("load it with its messages");
    }
  }

  @Test
  void closingLeavesWhatHasBegun() {
    Compression half = new Compression(press("knorm"), Budget.ratio(0.5));
    SharedContext context = generator.compress(new Prompt.Text(STORY), half);
    GenerationRequest request = asked(new Prompt.Text(" One day"), context);
    String expected = generator.generate(request).text();
    Generating running = generator.start(request, GenerationListener.NONE);
    context.close();
    context.close();
    assertThat(running.join().text()).isEqualTo(expected);
    assertThatThrownBy(() -> generator.generate(request))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(context::kept).isInstanceOf(IllegalStateException.class);
    assertThat(context.keptTokens()).isPositive();
  }

  @Test
  void anInterruptedThreadGivesTheReadingUp() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(
              () -> generator.compress(new Prompt.Text(STORY.repeat(3)), Compression.NONE))
          .isInstanceOf(java.util.concurrent.CancellationException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(generator.running()).isZero();
  }

  @Test
  void refusesAPressAtOnce() {
    Compression reads = new Compression(press("duo_attention"), Budget.FULL);
    assertThatThrownBy(() -> generator.compress(new Prompt.Text(STORY), reads))
        .isInstanceOf(ModelException.class);
  }
}
