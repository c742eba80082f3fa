package dev.kvpress.runtime.decode;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import java.util.ArrayList;
import java.util.List;

/**
 * One request as a service would get it: a prompt, a press and a budget.
 *
 * @param press as it is written in the catalogue
 * @param tokens of the prompt
 * @param seed of the prompt
 * @param chunk tokens per pass of the prefill
 * @param ratio fraction of the prompt's cache that goes
 * @param steps tokens to be generated
 * @param fused whether the prefill may take the fused graph
 */
record TestRequest(
    String press, int tokens, int seed, int chunk, double ratio, int steps, boolean fused) {
  /** One of each kind of decision: by score, by layer, by head, by threshold, while decoding. */
  static final List<String> PRESSES =
      List.of(
          "baseline",
          "h2o(local_window_size=8)",
          "observed_attention",
          "snapkv(window_size=8)",
          "tova",
          "knorm",
          "streaming_llm",
          "adakv(snapkv(window_size=8))",
          "dms(knorm,threshold=-3,sliding_window_size=8)",
          "dms(h2o(local_window_size=8),threshold=0.003,sliding_window_size=16)",
          "expected_attention",
          "think",
          "kvzap",
          "decoding(knorm,compression_interval=3,target_size=16)",
          "h2o(local_window_size=8,decoding=true)",
          "pyramidkv(window_size=4)",
          "keydiff",
          "random",
          "criticalkv(knorm)",
          "key_rerotation(knorm)",
          "chunkkv(snapkv(window_size=8),chunk_length=4)",
          "qfilter",
          "cur",
          "lagkv");

  /** What came out, bit by bit. */
  record Answer(List<Integer> tokens, List<Long> logitBits, long keptTokens, double achieved) {}

  /** Requests of different length with all presses in turn. */
  static List<TestRequest> ofAllKinds(int count, int shortest, int longest, int steps) {
    List<TestRequest> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int tokens = shortest + (longest - shortest) * (i * 37 % count) / count;
      requests.add(
          new TestRequest(
              PRESSES.get(i % PRESSES.size()),
              tokens,
              i,
              16 << i % 3,
              0.3 + 0.1 * (i % 5),
              steps,
              i % 2 == 0));
    }
    return requests;
  }

  ModelPress made() {
    return PressCatalog.load().make(press).press();
  }

  int[] prompt(DecoderModel model) {
    int[] ids = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      ids[i] = 3 + (seed * 31 + i * 7 + i * i % 13) % (model.info().vocabulary() - 3);
    }
    return ids;
  }

  /** Answers it. */
  Answer run(DecoderModel model) {
    ModelPress made = made();
    model.requirePress(press, made, tokens + steps);
    try (Context context = model.start(1, made.needs())) {
      if (fused) {
        context.allowFused(0);
      }
      PressCalls loop = new PressCalls(made, Budget.ratio(ratio));
      List<Integer> ids = new ArrayList<>();
      List<Long> bits = new ArrayList<>();
      Logits last = context.prefill(prompt(model), chunk);
      bits.add(last.bitHash());
      loop.compressPrompt(context);
      for (int step = 0; step < steps; step++) {
        ids.add(last.argmax(0));
        last = context.forward(last.argmax(0));
        bits.add(last.bitHash());
        loop.compressStep(context);
      }
      return new Answer(ids, bits, context.keptTokens(), context.achievedRatio());
    }
  }
}
