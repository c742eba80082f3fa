package dev.kvpress.recipe.train;

import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.text.Document;
import dev.kvpress.recipe.text.Document.Kind;
import dev.kvpress.recipe.text.Document.Role;
import dev.kvpress.recipe.text.Document.Span;
import dev.kvpress.recipe.text.Texts;
import dev.kvpress.recipe.text.Texts.Split;
import java.util.Random;

/**
 * Makes the batches. Every row is a pure function of (seed, step, row), so that a resumed run reads
 * what an uninterrupted one would have read.
 */
final class Sampler {
  /** Document numbers of one step; rows draw theirs from here on. */
  private static final long NUMBERS_PER_ROW = 1000;

  private final Texts texts = new Texts();
  private final Bpe bpe;
  private final long seed;

  Sampler(Bpe bpe, long seed) {
    this.bpe = bpe;
    this.seed = seed;
  }

  Batch batch(Split split, Curriculum.Phase phase, long step) {
    Batch batch =
        new Batch(
            phase.rows(),
            phase.length(),
            new long[phase.rows() * phase.length()],
            new float[phase.rows() * phase.length()]);
    for (int row = 0; row < phase.rows(); row++) {
      fill(batch, row, split, phase, step);
    }
    return batch;
  }

  private void fill(Batch batch, int row, Split split, Curriculum.Phase phase, long step) {
    Random random = new Random(seed * 31 + step * 1_000_003 + row);
    random.nextLong();
    int at = row * batch.length();
    int end = at + batch.length();
    long number = (step * 64 + row) * NUMBERS_PER_ROW + seed * 1_000_000_000_000L;
    while (at < end) {
      double draw = random.nextDouble();
      Kind kind =
          draw < phase.stories()
              ? Kind.STORY
              : draw < phase.stories() + phase.recall()
                  ? Kind.RECALL
                  : draw < phase.stories() + phase.recall() + phase.rivals()
                      ? Kind.RIVALS
                      : Kind.COPY;
      // Texts count words and marks; a word is 1.2 tokens, so the row is filled and a bit over.
      Document document = texts.document(split, kind, number++, (end - at) * 4 / 5);
      at = append(batch, at, end, document);
    }
  }

  private int append(Batch batch, int start, int end, Document document) {
    int at = start;
    put(batch, at++, end, Bpe.BOS, weight(document.kind(), Role.TEXT));
    for (Span span : document.spans()) {
      float weight = weight(document.kind(), span.role());
      for (int id : bpe.encode(span.text())) {
        put(batch, at++, end, id, weight);
      }
    }
    put(batch, at++, end, Bpe.EOS, weight(document.kind(), Role.TEXT));
    return at;
  }

  private static void put(Batch batch, int at, int end, int id, float weight) {
    if (at < end) {
      batch.ids()[at] = id;
      batch.weights()[at] = weight;
    }
  }

  /** What cannot be known teaches little; what follows from far above is what the model is for. */
  static float weight(Kind kind, Role role) {
    return switch (role) {
      case TEXT -> kind == Kind.STORY ? 1f : 0.4f;
      case FACT -> 0.2f;
      case RANDOM -> 0.1f;
      case ANSWER -> 6f;
      case COPY -> kind == Kind.COPY ? 1f : 3f;
    };
  }
}
