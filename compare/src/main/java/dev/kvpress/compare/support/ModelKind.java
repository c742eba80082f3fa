package dev.kvpress.compare.support;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Models on which every press did the same: one column of the table.
 *
 * @param members architectures; one whose models fall into several kinds stands under its name
 *     alone where most of them are, and elsewhere with the models that differ
 * @param trials what the presses did, in the order of the catalogue
 */
record ModelKind(List<String> members, List<PressTrial> trials) {
  ModelKind {
    members = List.copyOf(members);
    trials = List.copyOf(trials);
  }

  private static final Comparator<ModelTrials> BY_NAME =
      Comparator.comparing(ModelTrials::architecture, String.CASE_INSENSITIVE_ORDER)
          .thenComparing(ModelTrials::model);

  /** Puts models together; the kind with most architectures first, whatever their order. */
  static List<ModelKind> of(List<ModelTrials> models) {
    Map<List<PressTrial>, Map<String, List<ModelTrials>>> kinds =
        models.stream()
            .sorted(BY_NAME)
            .collect(
                groupingBy(
                    ModelTrials::trials,
                    LinkedHashMap::new,
                    groupingBy(ModelTrials::architecture, LinkedHashMap::new, toList())));
    List<ModelKind> named = new ArrayList<>();
    kinds.forEach(
        (trials, byArchitecture) -> {
          List<String> members = new ArrayList<>();
          byArchitecture.forEach(
              (architecture, own) ->
                  members.add(isUsual(architecture, trials, kinds) ? architecture : except(own)));
          named.add(new ModelKind(members, trials));
        });
    // A stable sort: equals stay in the order of their first architectures.
    named.sort((a, b) -> b.members().size() - a.members().size());
    return named;
  }

  private static boolean isUsual(
      String architecture,
      List<PressTrial> trials,
      Map<List<PressTrial>, Map<String, List<ModelTrials>>> kinds) {
    List<PressTrial> usual = trials;
    int most = 0;
    for (Map.Entry<List<PressTrial>, Map<String, List<ModelTrials>>> kind : kinds.entrySet()) {
      int count = kind.getValue().getOrDefault(architecture, List.of()).size();
      if (count > most) {
        most = count;
        usual = kind.getKey();
      }
    }
    return usual.equals(trials);
  }

  private static String except(List<ModelTrials> models) {
    return models.stream()
        .map(ModelTrials::model)
        .collect(joining(", ", models.get(0).architecture() + " (", ")"));
  }
}
