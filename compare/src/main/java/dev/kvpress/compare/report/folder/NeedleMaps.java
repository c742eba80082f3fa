package dev.kvpress.compare.report.folder;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the samples that know how deep in their context the answer lies into maps of depth and
 * length, one for each cell. All samples count, also those that a page does not show one by one.
 */
final class NeedleMaps {
  /** One cell over one data file. */
  private record Owner(
      String method, @Nullable Double ratio, @Nullable Integer budget, Topic topic) {}

  private record Found(double depth, int length, double value) {}

  private record Place(int length, int depth) {}

  /** The metric that tells whether the needle was found. */
  private final Function<Topic, Optional<String>> metric;

  private final Map<Owner, List<Found>> found = new LinkedHashMap<>();

  NeedleMaps(Function<Topic, Optional<String>> metric) {
    this.metric = metric;
  }

  void add(SampleEntry sample) {
    Double depth = sample.depth();
    Integer length = sample.contextTokens();
    Topic topic = new Topic(sample.task(), sample.data());
    Double value = metric.apply(topic).map(name -> sample.figures().get(name)).orElse(null);
    if (depth != null && length != null && value != null && Double.isFinite(value)) {
      Owner owner = new Owner(sample.method(), sample.compressionRatio(), sample.budget(), topic);
      found.computeIfAbsent(owner, o -> new ArrayList<>()).add(new Found(depth, length, value));
    }
  }

  /** The maps of all cells; a topic whose needles all lie at one depth has none. */
  ImmutableList<NeedleMap> maps() {
    Map<Topic, TreeSet<Double>> depths = new LinkedHashMap<>();
    Map<Topic, TreeSet<Double>> lengths = new LinkedHashMap<>();
    found.forEach(
        (owner, all) -> {
          TreeSet<Double> d = depths.computeIfAbsent(owner.topic(), t -> new TreeSet<>());
          TreeSet<Double> l = lengths.computeIfAbsent(owner.topic(), t -> new TreeSet<>());
          all.forEach(one -> d.add(one.depth()));
          all.forEach(one -> l.add((double) one.length()));
        });
    ImmutableList.Builder<NeedleMap> maps = ImmutableList.builder();
    found.forEach(
        (owner, all) -> {
          Bins rows = Bins.ofDepths(depths.getOrDefault(owner.topic(), new TreeSet<>()));
          if (rows.labels().size() > 1) {
            Bins columns = Bins.ofLengths(lengths.getOrDefault(owner.topic(), new TreeSet<>()));
            maps.add(map(owner, all, columns, rows));
          }
        });
    return maps.build();
  }

  private NeedleMap map(Owner owner, List<Found> all, Bins lengths, Bins depths) {
    Map<Place, List<Double>> values = new LinkedHashMap<>();
    for (Found one : all) {
      Place place = new Place(lengths.place(one.length()), depths.place(one.depth()));
      values.computeIfAbsent(place, p -> new ArrayList<>()).add(one.value());
    }
    ImmutableList.Builder<NeedleMap.Spot> spots = ImmutableList.builder();
    values.forEach(
        (place, own) ->
            spots.add(
                new NeedleMap.Spot(
                    place.length(),
                    place.depth(),
                    own.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
                    own.size())));
    String name = metric.apply(owner.topic()).orElseThrow();
    return new NeedleMap(
        owner.method(),
        owner.ratio(),
        owner.budget(),
        owner.topic().task(),
        owner.topic().data(),
        name,
        lengths.labels(),
        depths.labels(),
        spots.build());
  }

  /**
   * Neighbouring values under one label.
   *
   * @param starts where each bin begins
   */
  private record Bins(TreeMap<Double, Integer> starts, ImmutableList<String> labels) {
    /** More rows than this are put together. */
    private static final int MOST_DEPTHS = 21;

    private static final int TENTH = 10;

    /** Texts of one nominal length differ by some tokens. */
    private static final double SAME_LENGTH = 1.1;

    /** Whole percents as they are if there are few; else by tenths of the context. */
    static Bins ofDepths(TreeSet<Double> depths) {
      TreeMap<Double, Integer> starts = new TreeMap<>();
      ImmutableList.Builder<String> labels = ImmutableList.builder();
      boolean many =
          depths.size() > MOST_DEPTHS
              || depths.stream().anyMatch(depth -> depth != Math.rint(depth));
      for (double depth : depths) {
        double start = many ? TENTH * Math.min(TENTH - 1, Math.floor(depth / TENTH)) : depth;
        if (!starts.containsKey(start)) {
          starts.put(start, starts.size());
          long percent = Math.round(start);
          labels.add(many ? percent + "–" + (percent + TENTH) : String.valueOf(percent));
        }
      }
      return new Bins(starts, labels.build());
    }

    /** Lengths that differ by less than a tenth stand together, under the shortest of them. */
    static Bins ofLengths(TreeSet<Double> lengths) {
      TreeMap<Double, Integer> starts = new TreeMap<>();
      ImmutableList.Builder<String> labels = ImmutableList.builder();
      for (double length : lengths) {
        if (starts.isEmpty() || length > SAME_LENGTH * starts.lastKey()) {
          starts.put(length, starts.size());
          labels.add(String.valueOf(Math.round(length)));
        }
      }
      return new Bins(starts, labels.build());
    }

    int place(double value) {
      return Objects.requireNonNull(starts.floorEntry(value)).getValue();
    }
  }
}
