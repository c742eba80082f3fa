package dev.kvpress.compare.bench;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ListMultimap;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench rolled}: what turning the whole cache at every step costs. */
@Command(
    name = "rolled",
    mixinStandardHelpOptions = true,
    description = {
      "Time per token with rolled positions, whose cached keys are turned at every step, beside true",
      "positions on standard operators, which is the same graph without that, and on the fused one.",
      "The three decode from caches of one length and take turns of one token; medians over all."
    })
final class RolledCommand implements Callable<Integer> {
  private static final int WARM_UP = 8;
  private static final double MILLI = 1e6;

  @Option(
      names = "--tokens",
      arity = "1..*",
      description = "Tokens in the cache (default: 512 2048).")
  List<Integer> lengths = List.of(512, 2048);

  @Option(
      names = "--steps",
      defaultValue = "64",
      description = "Timed steps of each (default ${DEFAULT-VALUE}).")
  int steps;

  @Mixin BenchOptions options;

  @Override
  public Integer call() throws IOException {
    System.out.println("| cached tokens | true, fused ms | true ms | rolled ms | rolled / true |");
    System.out.println("|---:|---:|---:|---:|---:|");
    try (DecoderModel model =
        DecoderModel.open(
            options.model(),
            BenchOptions.decoder(options.weights, options.threads, options.cacheDir))) {
      for (int tokens : lengths) {
        Map<String, Double> medians = measure(model, tokens);
        System.out.printf(
            "| %,d | %.2f | %.2f | %.2f | %.2f |%n",
            tokens,
            medians.get("fused"),
            medians.get("true"),
            medians.get("rolled"),
            medians.get("ratio"));
      }
    }
    return 0;
  }

  private Map<String, Double> measure(DecoderModel model, int tokens) {
    Map<String, Supplier<Context>> starts = new LinkedHashMap<>();
    starts.put("fused", () -> model.start(1, Set.of()).allowFused(tokens + WARM_UP + steps));
    starts.put("true", () -> model.start(1, Set.of()));
    starts.put("rolled", () -> model.start(1, Set.of(), Positions.ROLLED));
    int[] ids = PrefillSide.ids(model, tokens + WARM_UP + steps, options.seed);
    Map<String, Context> sides = new LinkedHashMap<>();
    try {
      starts.forEach((name, start) -> sides.put(name, start.get()));
      sides.values().forEach(side -> side.prefill(Arrays.copyOf(ids, tokens), options.chunk));
      return medians(sides, Arrays.copyOfRange(ids, tokens, ids.length));
    } finally {
      sides.values().forEach(Context::close);
    }
  }

  private static Map<String, Double> medians(Map<String, Context> sides, int[] ids) {
    ListMultimap<String, Double> millis = ArrayListMultimap.create();
    for (int i = 0; i < ids.length; i++) {
      for (Map.Entry<String, Context> side : sides.entrySet()) {
        long start = System.nanoTime();
        side.getValue().forward(ids[i]).argmax(0);
        double time = (System.nanoTime() - start) / MILLI;
        if (i >= WARM_UP) {
          millis.put(side.getKey(), time);
        }
      }
    }
    Map<String, Double> medians = new LinkedHashMap<>();
    for (String name : millis.keySet()) {
      medians.put(name, median(millis.get(name)));
    }
    List<Double> straight = millis.get("true");
    List<Double> rolled = millis.get("rolled");
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < straight.size(); i++) {
      ratios.add(rolled.get(i) / straight.get(i));
    }
    medians.put("ratio", median(ratios));
    return medians;
  }

  private static double median(List<Double> values) {
    return Figures.median(values.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
