package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.saved.ContextNotes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A conversation that is compressed again and again. */
class RunningConversationTest {
  private static final int CONTEXT = 60;
  private static final int TURNS = 12;
  private static final int TURN = 9;
  private static final int ANSWER = 5;
  private static final int CHUNK = 4;
  private static final int BOUND = 70;
  private static final int TARGET = 40;

  @TempDir static Path cache;
  private static DecoderModel model;

  @BeforeAll
  static void open() {
    model =
        DecoderModel.open(
            Path.of("..", "test-data", "models", "demo"), DecodeFixtures.oneThread(cache));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static Pipeline pipeline() {
    return new Pipeline(model, CHUNK, ANSWER, id -> false);
  }

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  private static int[] turn(int index) {
    return SavedContextTest.text(CONTEXT + index * TURN, CONTEXT + (index + 1) * TURN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h2o(local_window_size=8)",
        "knorm",
        "snapkv(window_size=4)",
        "adakv(h2o(local_window_size=4))",
        "expected_attention",
        "kvzap",
      })
  void staysWithinItsBoundAndAnswersAsStepByStep(String spec) {
    ModelPress press = press(spec);
    CachePolicy policy = new CachePolicy(press, BOUND, TARGET);
    int cuts = 0;
    try (RunningConversation talk = pipeline().converse(context(), policy);
        Context reference = model.start(1, press.needs()).allowFused(0)) {
      reference.prefill(context(), CHUNK);
      int[] pending = {};
      cut(reference, press, spec.equals("kvzap"));
      for (int turn = 0; turn < TURNS; turn++) {
        int[] said = turn(turn);
        int[] all = Ints.concat(pending, said);
        List<Integer> answer = new ArrayList<>();
        Logits last = null;
        for (int from = 0; from < all.length; from += CHUNK) {
          last =
              reference.forward(Arrays.copyOfRange(all, from, Math.min(all.length, from + CHUNK)));
          cuts += cut(reference, press, spec.equals("kvzap"));
        }
        while (true) {
          int next = last.argmax(last.rows() - 1);
          answer.add(next);
          if (answer.size() == ANSWER) {
            break;
          }
          last = reference.forward(next);
          cuts += cut(reference, press, spec.equals("kvzap"));
        }
        pending = new int[] {answer.get(ANSWER - 1)};
        assertThat(talk.say(said).ids().asList()).as("turn %d", turn).isEqualTo(answer);
        assertThat(talk.keptTokens()).isLessThanOrEqualTo((long) BOUND * heads());
        SavedContextTest.assertSameAccount(talk.context(), reference, model);
      }
      assertThat(talk.passed().length()).isEqualTo(CONTEXT + TURNS * (TURN + ANSWER) - 1);
      assertThat(cuts).isGreaterThan(3);
    }
  }

  /** The press alone is asked where the bound is passed; one that remembers must see every pass. */
  private static int cut(Context reference, ModelPress press, boolean remembers) {
    long before = reference.keptTokens();
    boolean over = before > (long) BOUND * heads();
    if (remembers) {
      reference.compress(new BoundedPress(press, BOUND, Budget.tokens(TARGET)), Budget.FULL);
    } else if (over) {
      reference.compress(press, Budget.tokens(TARGET));
    }
    assertThat(reference.keptTokens()).isEqualTo(over ? (long) TARGET * heads() : before);
    return over ? 1 : 0;
  }

  private static int heads() {
    return model.info().layers() * model.info().kvHeads();
  }

  private static int[] context() {
    return SavedContextTest.text(0, CONTEXT);
  }

  /** Sums of attention over turns are those of one run over all the tokens. */
  @Test
  void nothingObservedIsLostBetweenTurns() {
    ModelPress press = press("h2o(local_window_size=8)");
    CachePolicy never = new CachePolicy(press, 10_000, 10_000);
    try (RunningConversation talk = pipeline().converse(context(), never);
        Context once = model.start(1, press.needs())) {
      for (int turn = 0; turn < 6; turn++) {
        talk.say(turn(turn));
      }
      once.prefill(talk.passed().toArray(), 50);
      for (int l = 0; l < model.info().layers(); l++) {
        LayerLedger turns = talk.context().layers().get(l).ledger();
        LayerLedger whole = once.layers().get(l).ledger();
        for (int h = 0; h < model.info().queryHeads(); h++) {
          for (int s = 0; s < whole.length(0, 0); s++) {
            double expected = whole.attention().sum(0, h, s);
            assertThat(turns.attention().sum(0, h, s))
                .isCloseTo(expected, within(1e-4 * (1 + expected)));
          }
        }
      }
    }
  }

  /** Several ways to go on from one compressed context, one of them through a file. */
  @Test
  void forksAndFilesGoOnAlike() {
    ModelPress press = press("h2o(local_window_size=8)");
    CachePolicy policy = new CachePolicy(press, BOUND, TARGET);
    Path file = cache.resolve("conversation.safetensors");
    try (RunningConversation talk = pipeline().converse(context(), policy)) {
      talk.say(turn(0));
      ImmutableIntArray pending = talk.save(file, ContextNotes.NONE);
      try (RunningConversation fork = talk.fork();
          Context loaded = model.loadContext(file);
          RunningConversation resumed = pipeline().converse(loaded, policy)) {
        fork.say(turn(5));
        for (int turn = 1; turn < 6; turn++) {
          int[] said = turn(turn);
          int[] first = turn == 1 ? Ints.concat(pending.toArray(), said) : said;
          assertThat(resumed.say(first).ids()).isEqualTo(talk.say(said).ids());
          SavedContextTest.assertSameAccount(resumed.context(), talk.context(), model);
        }
        assertThat(fork.passed()).isNotEqualTo(talk.passed());
      }
    }
  }

  @Test
  void whatCannotCompressAgainIsRefused() {
    assertThatThrownBy(() -> new CachePolicy(press("decoding(knorm)"), 10, 5))
        .hasMessageContaining("DecodingPress cannot compress a running conversation again");
    assertThatThrownBy(() -> new CachePolicy(press("baseline"), 40, 20))
        .hasMessageContaining("BaselinePress keeps everything, so that nothing would be cut");
    assertThatThrownBy(() -> new CachePolicy(press("knorm"), 10, 11))
        .hasMessageContaining("target must be in [1, bound 10], found 11");
    try (Context context = model.start(1, press("knorm").needs())) {
      context.prefill(context(), CHUNK);
      assertThatThrownBy(
              () -> pipeline().converse(context, new CachePolicy(press("h2o"), 600, 550)))
          .hasMessageContaining("does not observe what H2oPress needs");
    }
  }
}
