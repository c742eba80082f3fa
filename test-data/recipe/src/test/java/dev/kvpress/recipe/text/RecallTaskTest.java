package dev.kvpress.recipe.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.recipe.text.RecallTask.Example;
import dev.kvpress.recipe.text.RecallTask.Kind;
import dev.kvpress.recipe.text.Texts.Split;
import org.junit.jupiter.api.Test;

class RecallTaskTest {
  private static final int LENGTH = 800;
  private final RecallTask tasks = new RecallTask(new Texts(), Texts::size);

  @Test
  void statesThePlainFactWhereTheDepthSays() {
    for (int depth = 0; depth <= 100; depth += 10) {
      Example example = tasks.example(Split.TEST, Kind.SINGLE, 5, depth, LENGTH);
      String cue = example.question().substring(example.question().indexOf('?') + 2);
      int at = example.context().indexOf(cue + " " + example.answer());
      assertThat(at).isNotNegative();
      double share = 100.0 * at / example.context().length();
      assertThat(share).isBetween(depth - 12.0, depth + 12.0);
    }
  }

  @Test
  void aRehearsedExampleAsksInTheContext() {
    for (int number = 0; number < 20; number++) {
      Example example = tasks.example(Split.TEST, Kind.SINGLE, number, 30, LENGTH);
      String question = example.question().substring(0, example.question().indexOf('?') + 1);
      assertThat(example.context().contains(question)).isEqualTo(example.rehearsed());
    }
  }

  @Test
  void severalValuesAreAnsweredInTheirOrder() {
    Example example = tasks.example(Split.TEST, Kind.MULTI_VALUE, 1, 20, LENGTH);
    String cue = example.question().substring(example.question().indexOf('?') + 2);
    String[] values = example.answer().split(" and (the )?");
    assertThat(values).hasSize(2);
    assertThat(example.context().indexOf(cue + " " + values[0]))
        .isBetween(0, example.context().indexOf(cue + " " + values[1]));
  }

  @Test
  void aChainSpellsEveryLink() {
    Example example = tasks.example(Split.TEST, Kind.CHAIN, 2, 0, LENGTH);
    String first = example.question().split(" ")[2];
    String answer = first + " follows " + example.answer();
    for (String link : answer.split(", ")) {
      assertThat(example.context()).contains(link);
    }
    assertThat(answer.split(", ")).hasSize(3);
  }

  @Test
  void rivalsStandInTheContext() {
    Example example = tasks.example(Split.TEST, Kind.MULTI_KEY, 3, 50, LENGTH);
    assertThat(example.rivals()).isNotEmpty().allMatch(example.context()::contains);
  }
}
