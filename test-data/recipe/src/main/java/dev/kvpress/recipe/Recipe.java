package dev.kvpress.recipe;

import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.bpe.BpeTrainer;
import dev.kvpress.recipe.bpe.TokenizerJson;
import dev.kvpress.recipe.data.Datasets;
import dev.kvpress.recipe.measure.Measurement;
import dev.kvpress.recipe.model.Decoder;
import dev.kvpress.recipe.model.HuggingFace;
import dev.kvpress.recipe.text.Document;
import dev.kvpress.recipe.text.RecallTask;
import dev.kvpress.recipe.text.Document.Kind;
import dev.kvpress.recipe.text.Texts;
import dev.kvpress.recipe.text.Texts.Split;
import dev.kvpress.recipe.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Entry point: {@code data}, {@code train}, {@code measure}; the README says what each does. */
public final class Recipe {
  /** Pieces of the tokenizer: most words are one piece, rare ones two or three. */
  private static final int VOCABULARY = 2560;

  private static final int TOKENIZER_DOCUMENTS = 1500;

  private Recipe() {}

  /** Runs one sub-command. */
  public static void main(String[] args) throws IOException {
    String command = args.length == 0 ? "" : args[0];
    Path root = Path.of(System.getProperty("kvpress.test-data", "test-data"));
    Path model = root.resolve("models/demo");
    switch (command) {
      case "tokenizer" -> tokenizer(model);
      case "train" ->
          new Trainer(
                  Path.of(args.length > 1 ? args[1] : "target/training"),
                  TokenizerJson.read(model.resolve("tokenizer.json")))
              .run();
      case "data" -> {
        tokenizer(model);
        new Datasets(TokenizerJson.read(model.resolve("tokenizer.json")))
            .write(root.resolve("datasets"));
      }
      case "ship" -> ship(model, Path.of(args[1]));
      case "quick" -> quick(model, Path.of(args[1]));
      default -> {
        System.err.println("expected tokenizer or train, found '" + command + "'");
        System.exit(2);
      }
    }
  }

  private static void ship(Path model, Path training) throws IOException {
    Bpe bpe = TokenizerJson.read(model.resolve("tokenizer.json"));
    try (Decoder decoder = new Trainer(training, bpe).checkpoint()) {
      HuggingFace.write(model, decoder.shape(), decoder.weights());
    }
  }

  private static void quick(Path model, Path training) throws IOException {
    Bpe bpe = TokenizerJson.read(model.resolve("tokenizer.json"));
    try (Decoder decoder = new Trainer(training, bpe).checkpoint()) {
      Measurement measurement = new Measurement(decoder, bpe, Split.VALIDATION, System.out);
      measurement.stories(4, 512);
      measurement.copying(8, 256);
      measurement.distances(8, 512);
      measurement.distances(2, 2048);
      measurement.recall(RecallTask.Kind.SINGLE, 1, 2000);
      measurement.recall(RecallTask.Kind.MULTI_KEY, 1, 2000);
    }
  }

  private static void tokenizer(Path model) throws IOException {
    Texts texts = new Texts();
    BpeTrainer trainer = new BpeTrainer();
    for (int i = 0; i < TOKENIZER_DOCUMENTS; i++) {
      for (Kind kind : Kind.values()) {
        Document document = texts.document(Split.TRAIN, kind, i, 300);
        trainer.add(document.text());
      }
    }
    Bpe bpe = trainer.train(VOCABULARY);
    Files.createDirectories(model);
    TokenizerJson.write(bpe, model.resolve("tokenizer.json"));
  }
}
