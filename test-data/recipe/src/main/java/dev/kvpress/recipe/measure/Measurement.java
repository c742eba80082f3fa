package dev.kvpress.recipe.measure;

import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.model.Decoder;
import dev.kvpress.recipe.text.Document;
import dev.kvpress.recipe.text.Document.Kind;
import dev.kvpress.recipe.text.Document.Role;
import dev.kvpress.recipe.text.RecallTask;
import dev.kvpress.recipe.text.Texts;
import dev.kvpress.recipe.text.Texts.Split;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The recipe's own figures, with the full cache: perplexity of stories against the trigram model,
 * copying, recall by distance inside documents, and recall by task and depth.
 */
public final class Measurement {
  private static final int[] DISTANCES = {64, 128, 256, 512, 1024, 2048, 4096};

  private final Decoder decoder;
  private final Bpe bpe;
  private final Texts texts = new Texts();
  private final Split split;
  private final PrintStream out;

  /** Measures on documents of {@code split}. */
  public Measurement(Decoder decoder, Bpe bpe, Split split, PrintStream out) {
    this.decoder = decoder;
    this.bpe = bpe;
    this.split = split;
    this.out = out;
  }

  /** Perplexity of stories, by position in the document. */
  public void stories(int documents, int length) {
    TreeMap<Integer, double[]> byPosition = new TreeMap<>();
    double[] all = new double[2];
    for (int i = 0; i < documents; i++) {
      int[] ids = tokens(texts.document(split, Kind.STORY, i, length).text(), length + 1);
      float[] logs = Scorer.read(decoder, ids).logProbability();
      for (int t = 0; t < logs.length; t++) {
        add(byPosition, bucket(t), logs[t]);
        all[0] += logs[t];
        all[1]++;
      }
    }
    print("stories perplexity %.2f over %d tokens", Math.exp(-all[0] / all[1]), (int) all[1]);
    byPosition.forEach(
        (limit, sum) -> print("  positions under %4d: %.2f", limit, Math.exp(-sum[0] / sum[1])));
  }

  /** Perplexity of the trigram baseline on the same stories. */
  public void trigram(int trainingDocuments, int documents, int length) {
    TrigramModel model = new TrigramModel(bpe.size());
    for (int i = 0; i < trainingDocuments; i++) {
      model.add(tokens(texts.document(Split.TRAIN, Kind.STORY, i, length).text(), length + 1));
    }
    double sum = 0;
    int count = 0;
    for (int i = 0; i < documents; i++) {
      int[] ids = tokens(texts.document(split, Kind.STORY, i, length).text(), length + 1);
      for (int t = 1; t < ids.length; t++) {
        sum += Math.log(model.probability(ids, t));
        count++;
      }
    }
    print(
        "trigram perplexity %.2f over %d tokens, trained on %d stories",
        Math.exp(-sum / count), count, trainingDocuments);
  }

  /** Share of repeated tokens that are the most probable one, second and later repetitions. */
  public void copying(int documents, int length) {
    int hits = 0;
    int count = 0;
    for (int i = 0; i < documents; i++) {
      List<Role> roles = new ArrayList<>();
      int[] ids = tokens(texts.document(split, Kind.COPY, i, length), roles, length, null);
      boolean[] hit = Scorer.read(decoder, ids).hit();
      for (int t = 0; t < hit.length; t++) {
        if (roles.get(t + 1) == Role.COPY) {
          hits += hit[t] ? 1 : 0;
          count++;
        }
      }
    }
    print("copying within %d tokens: %.3f of %d", length, hits / (double) count, count);
  }

  /** Answers inside recall documents, by distance to the nearest earlier mention of the value. */
  public void distances(int documents, int length) {
    TreeMap<Integer, double[]> byDistance = new TreeMap<>();
    for (int i = 0; i < documents; i++) {
      List<Role> roles = new ArrayList<>();
      List<Integer> facts = new ArrayList<>();
      int[] ids = tokens(texts.document(split, Kind.RECALL, i, length), roles, length, facts);
      boolean[] hit = Scorer.read(decoder, ids).hit();
      Map<Integer, Integer> last = new HashMap<>();
      for (int t = 1; t < ids.length; t++) {
        int fact = facts.get(t);
        if (roles.get(t) == Role.ANSWER && last.containsKey(fact)) {
          int from = t;
          boolean right = true;
          while (t < ids.length && facts.get(t) == fact && roles.get(t) == Role.ANSWER) {
            right &= hit[t - 1];
            t++;
          }
          t--;
          add(byDistance, bucket(from - last.getOrDefault(fact, from)), right ? 1 : 0);
        }
        if (fact >= 0) {
          last.put(fact, t);
        }
      }
    }
    byDistance.forEach(
        (limit, sum) ->
            print(
                "recall in documents of %d tokens, distance under %4d: %.3f of %d",
                length, limit, sum[0] / sum[1], (int) sum[1]));
  }

  /** Exact answers of one task at every tenth of the context. */
  public void recall(RecallTask.Kind kind, int examples, int length) {
    RecallTask task = new RecallTask(texts, text -> bpe.encode(text).length);
    StringBuilder line = new StringBuilder();
    int hits = 0;
    for (int depth = 0; depth <= 100; depth += 10) {
      int here = 0;
      for (int i = 0; i < examples; i++) {
        here += isRight(task.example(split, kind, i, depth, length)) ? 1 : 0;
      }
      hits += here;
      line.append(String.format(Locale.ROOT, " %d%%:%.2f", depth, here / (double) examples));
    }
    print(
        "%s at %d tokens: %.3f of %d;%s",
        kind.label(), length, hits / (11.0 * examples), 11 * examples, line);
  }

  /**
   * Whether greedy decoding would give the answer: it does exactly if every token of the answer is
   * the most probable one after the right tokens before it.
   */
  private boolean isRight(RecallTask.Example example) {
    int[] prompt = tokens(example.context() + " " + example.question(), Integer.MAX_VALUE);
    int[] answer = bpe.encode(" " + example.answer());
    int[] ids = java.util.Arrays.copyOf(prompt, prompt.length + answer.length);
    System.arraycopy(answer, 0, ids, prompt.length, answer.length);
    boolean[] hit = Scorer.read(decoder, ids).hit();
    for (int t = prompt.length; t < ids.length; t++) {
      if (!hit[t - 1]) {
        return false;
      }
    }
    return true;
  }

  private int[] tokens(String text, int limit) {
    int[] ids = bpe.encode(text);
    int[] all = new int[Math.min(limit, ids.length + 1)];
    all[0] = Bpe.BOS;
    System.arraycopy(ids, 0, all, 1, all.length - 1);
    return all;
  }

  private int[] tokens(
      Document document,
      List<Role> roles,
      int limit,
      @org.jspecify.annotations.Nullable List<Integer> facts) {
    List<Integer> ids = new ArrayList<>(List.of(Bpe.BOS));
    roles.add(Role.TEXT);
    if (facts != null) {
      facts.add(-1);
    }
    for (Document.Span span : document.spans()) {
      for (int id : bpe.encode(span.text())) {
        ids.add(id);
        roles.add(span.role());
        if (facts != null) {
          facts.add(span.fact());
        }
      }
    }
    return ids.stream().limit(limit).mapToInt(Integer::intValue).toArray();
  }

  private static int bucket(int distance) {
    for (int limit : DISTANCES) {
      if (distance < limit) {
        return limit;
      }
    }
    return Integer.MAX_VALUE;
  }

  private static void add(Map<Integer, double[]> sums, int key, double value) {
    double[] sum = sums.computeIfAbsent(key, k -> new double[2]);
    sum[0] += value;
    sum[1]++;
  }

  private void print(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
