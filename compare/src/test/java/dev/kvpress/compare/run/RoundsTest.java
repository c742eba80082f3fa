package dev.kvpress.compare.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.task.Answer;
import dev.kvpress.compare.task.Conversation;
import dev.kvpress.compare.task.Crowd;
import dev.kvpress.compare.task.Probe;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.compare.task.Trace;
import dev.kvpress.compare.task.Turn;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.Remark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private static final List<CellPlan> CELLS =
      List.of("baseline", "knorm", "tova").stream()
          .map(name -> new CellPlan.Method(name, PressCatalog.load().make(name)))
          .flatMap(method -> CellPlan.of(List.of(method), List.of(0.5), List.of()).stream())
          .toList();

  private final List<String> order = new ArrayList<>();

  @Test
  void methodsAreAskedInTurnAndTheAnswersOfTheRoundsJoined() {
    Map<CellPlan, Rounds> all =
        Rounds.ask(new Counting(), CELLS, cell -> new Nobody(cell.method()), () -> order.add("?"));

    assertThat(String.join(" ", order))
        .isEqualTo("? baseline ? knorm ? tova ? knorm ? tova ? baseline ? tova ? baseline ? knorm");
    assertThat(all.keySet()).containsExactlyElementsOf(CELLS);
    assertThat(all.values()).allSatisfy(own -> assertThat(own.answer().tokens()).isEqualTo(3));
  }

  @Test
  void whoFailsIsNotAskedAgainAndSaysWhy() {
    Map<CellPlan, Rounds> all =
        Rounds.ask(
            new Counting(),
            CELLS,
            cell -> new Nobody(cell.method().equals("knorm") ? "refused" : cell.method()),
            () -> {});

    assertThat(order.stream().filter("refused"::equals)).hasSize(1);
    Rounds failed = all.get(CELLS.get(1));
    assertThatThrownBy(() -> failed.answer()).hasMessage("refused");
    assertThat(all.get(CELLS.get(2)).answer().tokens()).isEqualTo(3);
  }

  /** Answers one token a round. */
  private final class Counting implements Probe {
    @Override
    public int sample() {
      return 0;
    }

    @Override
    public ImmutableIntArray context() {
      return ImmutableIntArray.of(1);
    }

    @Override
    public int furtherTokens() {
      return 0;
    }

    @Override
    public String content() {
      return "";
    }

    @Override
    public int rounds() {
      return 3;
    }

    @Override
    public Answer ask(Turn turn) {
      String who = ((Nobody) turn).who();
      order.add(who);
      if (who.equals("refused")) {
        throw new IllegalStateException(who);
      }
      return Answer.of(1, Map.of());
    }

    @Override
    public Answer join(List<Answer> answers) {
      return Answer.of(answers.stream().mapToInt(Answer::tokens).sum(), Map.of());
    }
  }

  /** A turn with nothing behind it. */
  private record Nobody(String who) implements RecordedTurn {
    @Override
    public Protocol protocol() {
      return Protocol.PREFILL;
    }

    @Override
    public int passTokens() {
      return 1;
    }

    @Override
    public Conversation compressed(ContextReader reader) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Conversation decoding() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Conversation full() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Conversation fresh() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Crowd crowd(int rows, int steps) {
      throw new AssertionError("nothing is asked");
    }

    @Override
    public Trace trace() {
      return new Trace();
    }

    @Override
    public CacheFigures figures() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<KeepMap> keepMap() {
      return Optional.empty();
    }

    @Override
    public List<Remark> remarks() {
      return List.of();
    }
  }
}
