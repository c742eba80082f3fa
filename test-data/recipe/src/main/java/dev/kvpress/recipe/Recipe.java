package dev.kvpress.recipe;

import dev.kvpress.recipe.auxiliary.Auxiliaries;
import dev.kvpress.recipe.auxiliary.Surrogates;
import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.bpe.BpeTrainer;
import dev.kvpress.recipe.bpe.TokenizerJson;
import dev.kvpress.recipe.cache.HeadStudy;
import dev.kvpress.recipe.data.Datasets;
import dev.kvpress.recipe.measure.Measurement;
import dev.kvpress.recipe.model.Decoder;
import dev.kvpress.recipe.model.HuggingFace;
import dev.kvpress.recipe.model.Shape;
import dev.kvpress.recipe.text.Document;
import dev.kvpress.recipe.text.Document.Kind;
import dev.kvpress.recipe.text.RecallTask;
import dev.kvpress.recipe.text.Texts;
import dev.kvpress.recipe.text.Texts.Split;
import dev.kvpress.recipe.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Entry point. {@code data} writes tokenizer and data sets, {@code train} trains (or goes on) and
 * ships the result, {@code measure} prints the figures of the shipped model; {@code auxiliaries}
 * makes the trained tensors of some presses, {@code curve} only that of {@code lukv}, {@code
 * surrogates} those that learn from the scores of KVzip; {@code heads} looks which heads find
 * answers and what budgets leave in them; {@code glance} and {@code ship} look at and ship an
 * unfinished training, {@code unpack} makes a checkpoint of the shipped model. The property {@code
 * kvpress.test-data} says where test-data lies, {@code kvpress.training} where checkpoints do.
 */
public final class Recipe {
  /** Pieces of the tokenizer: most words are one piece, rare ones two or three. */
  private static final int VOCABULARY = 2560;

  private static final int TOKENIZER_DOCUMENTS = 1500;
  private static final int EXAMPLES = 20;
  private static final int STORY_TOKENS = 2400;
  private static final int TRIGRAM_STORIES = 500;
  private static final int RECALL_TOKENS = 2000;
  private static final int AUXILIARY_DOCUMENTS = 12;
  private static final int CURVE_DOCUMENTS = 24;
  private static final int HEAD_QUESTIONS = 100;
  private static final double HEAD_RATIO = 0.8;

  private Recipe() {}

  /** Runs one sub-command. */
  public static void main(String[] args) throws IOException {
    String command = args.length == 0 ? "" : args[0];
    Path root = Path.of(System.getProperty("kvpress.test-data", "test-data"));
    Path model = root.resolve("models/demo");
    String kept = System.getProperty("kvpress.training");
    Path training = kept == null ? root.resolve("recipe/training") : Path.of(kept);
    // DJL would ask the network for newer native libraries and count its users.
    System.setProperty("ai.djl.offline", "true");
    switch (command) {
      case "train" -> {
        new Trainer(training, TokenizerJson.read(model.resolve("tokenizer.json"))).run();
        ship(model, training);
      }
      case "data" -> {
        tokenizer(model);
        new Datasets(TokenizerJson.read(model.resolve("tokenizer.json")))
            .write(root.resolve("datasets"));
      }
      case "unpack" -> unpack(model, training);
      case "ship" -> ship(model, training);
      case "auxiliaries" ->
          auxiliaries(model, args.length > 1 ? Integer.parseInt(args[1]) : AUXILIARY_DOCUMENTS);
      case "surrogates" ->
          surrogates(
              model,
              root.resolve("recipe/training/graphs"),
              args.length > 1 ? Integer.parseInt(args[1]) : AUXILIARY_DOCUMENTS);
      case "curve" -> curve(model, args.length > 1 ? Integer.parseInt(args[1]) : CURVE_DOCUMENTS);
      case "heads" -> heads(model, args.length > 1 ? Integer.parseInt(args[1]) : HEAD_QUESTIONS);
      case "glance" -> glance(model, training);
      case "measure" -> measure(model, args.length > 1 ? Integer.parseInt(args[1]) : EXAMPLES);
      default -> {
        System.err.println(
            "expected data, train, auxiliaries, surrogates, curve, heads, glance, ship, unpack or measure, found '"
                + command
                + "'");
        System.exit(2);
      }
    }
  }

  private static void auxiliaries(Path model, int documents) throws IOException {
    Bpe bpe = TokenizerJson.read(model.resolve("tokenizer.json"));
    Shape shape = Shape.demo(bpe.size());
    try (Decoder decoder = Decoder.of(shape, HuggingFace.read(model, shape))) {
      new Auxiliaries(decoder, bpe, System.out).write(model.resolve("presses"), documents);
    }
  }

  private static void surrogates(Path model, Path cache, int documents) throws IOException {
    Bpe bpe = TokenizerJson.read(model.resolve("tokenizer.json"));
    new Surrogates(model, cache, bpe, System.out).write(model.resolve("presses"), documents);
  }

  private static void curve(Path model, int documents) throws IOException {
    Bpe bpe = TokenizerJson.read(model.resolve("tokenizer.json"));
    Shape shape = Shape.demo(bpe.size());
    try (Decoder decoder = Decoder.of(shape, HuggingFace.read(model, shape))) {
      new Auxiliaries(decoder, bpe, System.out).curve(model.resolve("presses"), documents);
    }
  }

  private static void heads(Path model, int questions) throws IOException {
    Bpe bpe = TokenizerJson.read(model.resolve("tokenizer.json"));
    Shape shape = Shape.demo(bpe.size());
    try (Decoder decoder = Decoder.of(shape, HuggingFace.read(model, shape))) {
      new HeadStudy(decoder, bpe, System.out).run(questions, HEAD_RATIO);
    }
  }

  private static void unpack(Path model, Path training) throws IOException {
    Bpe bpe = TokenizerJson.read(model.resolve("tokenizer.json"));
    new Trainer(training, bpe).unpack(HuggingFace.read(model, Shape.demo(bpe.size())));
  }

  private static void ship(Path model, Path training) throws IOException {
    Bpe bpe = TokenizerJson.read(model.resolve("tokenizer.json"));
    try (Decoder decoder = new Trainer(training, bpe).checkpoint()) {
      HuggingFace.write(model, decoder.shape(), decoder.weights());
    }
  }

  /** Figures of the shipped model on the test split. */
  private static void measure(Path model, int examples) throws IOException {
    Bpe bpe = TokenizerJson.read(model.resolve("tokenizer.json"));
    Shape shape = Shape.demo(bpe.size());
    try (Decoder decoder = Decoder.of(shape, HuggingFace.read(model, shape))) {
      Measurement measurement = new Measurement(decoder, bpe, Split.TEST, System.out);
      measurement.stories(examples, STORY_TOKENS);
      measurement.trigram(TRIGRAM_STORIES, examples, STORY_TOKENS);
      measurement.copying(examples, 512);
      measurement.copying(examples, 2048);
      measurement.distances(examples, 512);
      measurement.distances(examples, 2048);
      for (RecallTask.Kind kind : RecallTask.Kind.values()) {
        measurement.recall(kind, examples, RECALL_TOKENS);
      }
    }
  }

  /** A quick look at a training run on the validation split. */
  private static void glance(Path model, Path training) throws IOException {
    Bpe bpe = TokenizerJson.read(model.resolve("tokenizer.json"));
    try (Decoder decoder = new Trainer(training, bpe).checkpoint()) {
      Measurement measurement = new Measurement(decoder, bpe, Split.VALIDATION, System.out);
      measurement.stories(4, 512);
      measurement.copying(8, 256);
      measurement.distances(8, 512);
      measurement.distances(2, 2048);
      measurement.recall(RecallTask.Kind.SINGLE, 1, RECALL_TOKENS);
      measurement.recall(RecallTask.Kind.MULTI_KEY, 1, RECALL_TOKENS);
    }
  }

  private static void tokenizer(Path model) throws IOException {
    Texts texts = new Texts();
    BpeTrainer trainer = new BpeTrainer();
    for (int i = 0; i < TOKENIZER_DOCUMENTS; i++) {
      for (Kind kind : List.of(Kind.STORY, Kind.RECALL, Kind.COPY)) {
        Document document = texts.document(Split.TRAIN, kind, i, 300);
        trainer.add(document.text());
      }
    }
    Bpe bpe = trainer.train(VOCABULARY);
    Files.createDirectories(model);
    TokenizerJson.write(bpe, model.resolve("tokenizer.json"));
  }
}
