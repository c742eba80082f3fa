package dev.kvpress.recipe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.bpe.BpeTrainer;
import dev.kvpress.recipe.text.Texts.Split;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurriculumTest {
  private static final Curriculum TWO =
      new Curriculum(
          List.of(
              new Curriculum.Phase(10, 2, 65, 0.3, 0.3, 0.1, 0, 1),
              new Curriculum.Phase(20, 1, 129, 0.3, 0.3, 0.1, 1, 0)));

  @Test
  void phasesFollowOneAnother() {
    assertThat(TWO.steps()).isEqualTo(30);
    assertThat(TWO.at(10).length()).isEqualTo(65);
    assertThat(TWO.at(11).length()).isEqualTo(129);
    assertThat(TWO.rate(5)).isEqualTo(0.5);
    assertThat(TWO.rate(10)).isEqualTo(1);
    assertThat(TWO.rate(30)).isEqualTo(0);
    assertThatThrownBy(() -> TWO.at(31)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aBatchIsAFunctionOfItsStep() {
    BpeTrainer trainer = new BpeTrainer();
    trainer.add("the lantern and the ladder");
    Bpe bpe = trainer.train(270);
    Batch batch = new Sampler(bpe, 1).batch(Split.TRAIN, TWO.at(3), 3);
    Batch again = new Sampler(bpe, 1).batch(Split.TRAIN, TWO.at(3), 3);
    assertThat(again.ids()).containsExactly(batch.ids());
    assertThat(again.weights()).containsExactly(batch.weights());
    assertThat(new Sampler(bpe, 1).batch(Split.TRAIN, TWO.at(4), 4).ids())
        .isNotEqualTo(batch.ids());
    assertThat(batch.ids()[0]).isEqualTo(Bpe.BOS);
  }
}
