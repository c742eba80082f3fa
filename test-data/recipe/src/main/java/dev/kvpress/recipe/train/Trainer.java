package dev.kvpress.recipe.train;

import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.model.Decoder;
import dev.kvpress.recipe.model.Safetensors;
import dev.kvpress.recipe.model.Safetensors.Tensor;
import dev.kvpress.recipe.model.Safetensors.Type;
import dev.kvpress.recipe.model.Shape;
import dev.kvpress.recipe.text.Texts.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * Trains the demo model and keeps everything needed to go on in one folder: {@code
 * weights.safetensors}, {@code optimiser.safetensors}, {@code state.properties} and {@code
 * loss.tsv} (step, tokens, loss, gradient norm, learning rate, seconds).
 */
public final class Trainer {
  private static final long SEED = 20261123;
  private static final int LOG_EVERY = 10;
  private static final int SAVE_EVERY = 50;

  private final Path folder;
  private final Bpe bpe;
  private final Curriculum curriculum;

  /**
   * A trainer.
   *
   * @param folder where checkpoints and the log lie; resumed from if it holds a checkpoint
   */
  public Trainer(Path folder, Bpe bpe) {
    this.folder = folder;
    this.bpe = bpe;
    this.curriculum = Curriculum.demo();
  }

  /** Trains from the last checkpoint, or from the start, up to the end of the curriculum. */
  public void run() throws IOException {
    Files.createDirectories(folder);
    Shape shape = Shape.demo(bpe.size());
    Path state = folder.resolve("state.properties");
    boolean resumes = Files.exists(state);
    Properties properties = new Properties();
    if (resumes) {
      try (var in = Files.newBufferedReader(state)) {
        properties.load(in);
      }
    }
    int done = Integer.parseInt(properties.getProperty("step", "0"));
    long tokens = Long.parseLong(properties.getProperty("tokens", "0"));
    Sampler sampler = new Sampler(bpe, SEED);
    try (Decoder decoder =
            resumes ? Decoder.of(shape, load("weights")) : Decoder.fresh(shape, SEED);
        AdamW optimiser = new AdamW(decoder.parameters())) {
      decoder.parameters().values().forEach(p -> p.setRequiresGradient(true));
      if (resumes) {
        optimiser.restore(load("optimiser"));
      }
      double losses = 0;
      long clock = System.nanoTime();
      for (int step = done + 1; step <= curriculum.steps(); step++) {
        Batch batch = sampler.batch(Split.TRAIN, curriculum.at(step), step);
        double rate = curriculum.rate(step);
        Step.Outcome outcome = Step.take(decoder, optimiser, batch, step, rate);
        tokens += (long) batch.rows() * (batch.length() - 1);
        losses += outcome.loss();
        if (step % LOG_EVERY == 0) {
          double seconds = (System.nanoTime() - clock) / 1e9;
          clock = System.nanoTime();
          log(step, tokens, losses / LOG_EVERY, outcome.gradientNorm(), rate, seconds);
          losses = 0;
        }
        if (step % SAVE_EVERY == 0 || step == curriculum.steps()) {
          save(decoder, optimiser, step, tokens);
        }
      }
    }
  }

  /** The decoder of the last checkpoint in the folder. */
  public Decoder checkpoint() throws IOException {
    return Decoder.of(Shape.demo(bpe.size()), load("weights"));
  }

  /**
   * Makes the last checkpoint of the curriculum from weights alone, so that training can go on
   * where only the model was kept: append phases to the curriculum, then train. The optimiser
   * begins anew, which costs some dozens of steps.
   */
  public void unpack(Map<String, float[]> weights) throws IOException {
    if (Files.exists(folder.resolve("state.properties"))) {
      throw new IllegalStateException(folder + " already holds a checkpoint; name another folder");
    }
    Files.createDirectories(folder);
    try (Decoder decoder = Decoder.of(Shape.demo(bpe.size()), weights);
        AdamW optimiser = new AdamW(decoder.parameters())) {
      save(decoder, optimiser, curriculum.steps(), curriculum.tokens());
    }
  }

  private void log(int step, long tokens, double loss, float norm, double rate, double seconds)
      throws IOException {
    String line =
        String.format(
            Locale.ROOT,
            "%d\t%d\t%.4f\t%.3f\t%.6f\t%.1f%n",
            step,
            tokens,
            loss,
            norm,
            rate,
            seconds);
    System.err.print(line);
    Files.writeString(
        folder.resolve("loss.tsv"), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void save(Decoder decoder, AdamW optimiser, int step, long tokens) throws IOException {
    write("weights", decoder.weights());
    write("optimiser", optimiser.state());
    // The step is written last: a run that dies before resumes from the step that it names with
    // slightly newer weights, which is harmless.
    Files.writeString(
        folder.resolve("state.properties"), "step=" + step + "\ntokens=" + tokens + "\n");
  }

  private void write(String name, Map<String, float[]> arrays) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    arrays.forEach((key, w) -> tensors.put(key, new Tensor(new long[] {w.length}, w)));
    Safetensors.write(folder.resolve(name + ".safetensors"), tensors, Type.F32);
  }

  private Map<String, float[]> load(String name) throws IOException {
    Map<String, float[]> arrays = new HashMap<>();
    Safetensors.read(folder.resolve(name + ".safetensors"))
        .forEach((key, tensor) -> arrays.put(key, tensor.values()));
    return arrays;
  }
}
