package dev.kvpress.compare.task;

import static java.util.Objects.requireNonNull;

import com.google.common.math.Quantiles;
import dev.kvpress.compare.data.EncodedDocuments;
import dev.kvpress.compare.data.Sample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What tasks share that measure time: a sample is asked several times, the first times do not
 * count, and a figure is the median of the others, whose spread is its standard error.
 *
 * @param measured the answers that count, at least one
 */
record Repetitions(List<Answer> measured) {
  /** Behind the name of a figure: the series of what each repetition gave. */
  private static final String OF_EACH = "_of_each_repetition";

  /** The answers of all rounds without those that warm up. */
  static Repetitions of(List<Answer> answers, TaskOptions.Latency repeats) {
    return new Repetitions(answers.subList(repeats.warmUp(), answers.size()));
  }

  /** A metric whose error the repetitions tell. */
  static Metric metric(String name, String label, String unit, boolean higherIsBetter) {
    return Metric.mean(name, label, unit, higherIsBetter).withErrorOf(name + OF_EACH);
  }

  /**
   * Generations behind the beginnings of documents.
   *
   * @param few samples where no number is given: each costs much time
   */
  static TaskData read(TaskInput input, int few, Function<Sample, Probe> generation) {
    EncodedDocuments documents =
        input.encoded(input.maxSamples() == Integer.MAX_VALUE ? few : input.maxSamples());
    Sieve sieve = new Sieve(input);
    documents.samples().forEach(sample -> sieve.add(generation.apply(sample)));
    documents.notices().forEach(sieve::notice);
    return sieve.data();
  }

  Answer first() {
    return measured.get(0);
  }

  Answer last() {
    return measured.get(measured.size() - 1);
  }

  static double figure(Answer answer, String name) {
    return requireNonNull(answer.figures().get(name), name).sum();
  }

  static List<Double> series(Answer answer, String name) {
    return requireNonNull(answer.series().get(name), name);
  }

  double median(String figure) {
    return median(answer -> figure(answer, figure));
  }

  private double median(ToDoubleFunction<Answer> value) {
    return Quantiles.median().compute(measured.stream().mapToDouble(value).toArray());
  }

  /** Of each place of a series the median. */
  List<Double> medians(String series) {
    List<Double> medians = new ArrayList<>();
    for (int i = 0; i < series(first(), series).size(); i++) {
      int place = i;
      medians.add(median(answer -> series(answer, series).get(place)));
    }
    return medians;
  }

  /** The series that tell the errors of some figures. */
  Map<String, List<Double>> spreads(Iterable<String> figures) {
    Map<String, List<Double>> spreads = new HashMap<>();
    figures.forEach(
        name ->
            spreads.put(
                name + OF_EACH, measured.stream().map(answer -> figure(answer, name)).toList()));
    return spreads;
  }
}
