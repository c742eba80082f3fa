package dev.kvpress.recipe.bpe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTest {
  private static final String TEXT =
      "the lantern and the ladder and the lamp. \"The lantern,\" she said, \"is Mira's lantern.\"";

  @Test
  void givesBackEveryText() {
    Bpe bpe = trained(300);
    for (String text :
        new String[] {TEXT, "", " ", "Zürich – 12 € \n\n tabs\t🦊", "unseen wörds entirely"}) {
      assertThat(bpe.decode(bpe.encode(text))).isEqualTo(text);
    }
  }

  @Test
  void frequentWordsBecomeOnePiece() {
    assertThat(trained(300).encode(" lantern the")).hasSize(2);
  }

  @Test
  void doesNotDependOnTheOrderOfTheTexts() {
    BpeTrainer forward = new BpeTrainer();
    forward.add(TEXT);
    forward.add("other words");
    BpeTrainer backward = new BpeTrainer();
    backward.add("other words");
    backward.add(TEXT);
    assertThat(backward.train(290).merges()).isEqualTo(forward.train(290).merges());
  }

  @Test
  void readsWhatItWrote(@TempDir Path folder) throws Exception {
    Bpe bpe = trained(300);
    Path file = folder.resolve("tokenizer.json");
    TokenizerJson.write(bpe, file);
    Bpe read = TokenizerJson.read(file);
    assertThat(read.vocabulary()).isEqualTo(bpe.vocabulary());
    assertThat(read.encode(TEXT)).isEqualTo(bpe.encode(TEXT));
  }

  private static Bpe trained(int vocabulary) {
    BpeTrainer trainer = new BpeTrainer();
    for (int i = 0; i < 3; i++) {
      trainer.add(TEXT);
    }
    return trainer.train(vocabulary);
  }
}
