package dev.kvpress.compare.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.CellPlan.Method;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/**
 * Options that are defaults for presses, wherever in a spec they stand. Beside those written here
 * every parameter of every press has one: {@code --snapkv-window-size 32}.
 */
final class PressOptions {
  /** Where none is given. */
  static final int DEFAULT_SEED = 42;

  private static final String DMS = "dms";
  private static final String THRESHOLD = "threshold";

  @Option(
      names = "--sliding-window-size",
      paramLabel = "TOKENS",
      description = "Last tokens that every dms leaves alone (default: 128).")
  @Nullable String slidingWindowSize;

  @Option(
      names = "--threshold",
      paramLabel = "SCORE",
      description =
          "Score below which every dms removes a token, one or several to compare (default: by scorer).")
  List<String> threshold = new ArrayList<>();

  @Option(
      names = "--thresholds",
      paramLabel = "SCORER=SCORE",
      description = "The same for every dms around a scorer: h2o=0.001,knorm=-3 or a JSON object.")
  List<String> thresholds = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "NUMBER",
      description =
          "Seed of whatever draws random numbers, presses and tokens alike (default: "
              + DEFAULT_SEED
              + ").")
  @Nullable String seed;

  private final Map<String, Map<String, String>> byPress = new LinkedHashMap<>();

  /** Adds one option for each parameter of each press; shown in help where it is often used. */
  void addTo(CommandSpec command, PressCatalog catalog) {
    for (PressDescriptor press : catalog.descriptors()) {
      for (Parameter parameter : press.parameters()) {
        String name = optionOf(press.name(), parameter.name());
        if (command.findOption(name) == null) {
          command.addOption(option(name, press, parameter));
        }
      }
    }
  }

  private static String optionOf(String press, String parameter) {
    return "--" + press.replace('_', '-') + "-" + parameter.replace('_', '-');
  }

  private OptionSpec option(String name, PressDescriptor press, Parameter parameter) {
    ISetter setter =
        new ISetter() {
          @Override
          @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
          public <T> @Nullable T set(T value) {
            // The parser clears every option before it reads.
            Map<String, String> own =
                byPress.computeIfAbsent(press.name(), key -> new LinkedHashMap<>());
            return value == null
                ? (T) own.remove(parameter.name())
                : (T) own.put(parameter.name(), value.toString());
          }
        };
    return OptionSpec.builder(name)
        .type(String.class)
        .arity("1")
        .paramLabel(parameter.type().name())
        .description(
            "Default of %s in every %s: %s."
                .formatted(parameter.name(), press.name(), parameter.description()))
        .hidden(!name.equals("--h2o-local-window-size"))
        .setter(setter)
        .build();
  }

  /** The defaults of a command that runs every press once. */
  PressDefaults defaults(PressCatalog catalog, Problems problems) {
    List<PressDefaults> sweep = sweep(catalog, problems);
    if (sweep.size() > 1) {
      problems.add(
          "--threshold: expected one, found %s; compare alone runs several"
              .formatted(String.join(", ", Arguments.split(threshold))));
    }
    return sweep.get(0);
  }

  /** Notes options for every dms where none of the methods has one. */
  void requireEffect(List<Method> methods, PressCatalog catalog, Problems problems) {
    if (!threshold.isEmpty()) {
      OptionEffects.requireDms(methods, "--threshold", problems);
    }
    if (slidingWindowSize != null) {
      OptionEffects.requireDms(methods, "--sliding-window-size", problems);
    }
    OptionEffects.requireDmsAround(
        methods, "--thresholds", thresholdsByScorer(catalog, new Problems()).keySet(), problems);
  }

  /** The defaults, once for each threshold that was given. */
  List<PressDefaults> sweep(PressCatalog catalog, Problems problems) {
    List<String> given = Arguments.split(threshold).stream().distinct().toList();
    List<PressDefaults> sweep = new ArrayList<>();
    for (String one : given) {
      check(catalog, "--threshold", DMS, THRESHOLD, one, problems);
    }
    PressDefaults common = common(catalog, problems);
    for (String one : given) {
      Map<String, Map<String, String>> values = new LinkedHashMap<>(common.values());
      Map<String, String> own = new LinkedHashMap<>(values.getOrDefault(DMS, Map.of()));
      own.putIfAbsent(THRESHOLD, one);
      values.put(DMS, own);
      sweep.add(new PressDefaults(values, common.around()));
    }
    return sweep.isEmpty() ? List.of(common) : sweep;
  }

  private PressDefaults common(PressCatalog catalog, Problems problems) {
    Map<String, Map<String, String>> values = new LinkedHashMap<>();
    if (seed != null) {
      new Values(problems)
          .integer("--seed", seed, Integer.MIN_VALUE)
          .ifPresent(
              number -> {
                for (PressDescriptor press : catalog.descriptors()) {
                  if (press.parameters().stream().anyMatch(p -> p.name().equals("seed"))) {
                    put(values, press.name(), "seed", String.valueOf(number));
                  }
                }
              });
    }
    if (slidingWindowSize != null) {
      check(
          catalog,
          "--sliding-window-size",
          DMS,
          "sliding_window_size",
          slidingWindowSize,
          problems);
      put(values, DMS, "sliding_window_size", slidingWindowSize);
    }
    byPress.forEach(
        (press, own) ->
            own.forEach(
                (name, value) -> {
                  check(catalog, optionOf(press, name), press, name, value, problems);
                  put(values, press, name, value);
                }));
    return new PressDefaults(values, thresholdsByScorer(catalog, problems));
  }

  /** The seed for the provenance. */
  int seedOrDefault() {
    try {
      return seed == null ? DEFAULT_SEED : Integer.parseInt(seed.strip());
    } catch (NumberFormatException e) {
      return DEFAULT_SEED;
    }
  }

  private static void put(
      Map<String, Map<String, String>> values, String press, String name, String value) {
    values.computeIfAbsent(press, key -> new LinkedHashMap<>()).put(name, value);
  }

  /** Checks a value, so that it is refused even where no such press is among the methods. */
  private static void check(
      PressCatalog catalog,
      String option,
      String press,
      String parameter,
      String value,
      Problems problems) {
    try {
      catalog.find(press).orElseThrow().checkValue(parameter, value);
    } catch (PressSpecException e) {
      problems.add(option + ": " + e.getMessage());
    }
  }

  private Map<String, Map<String, String>> thresholdsByScorer(
      PressCatalog catalog, Problems problems) {
    Map<String, Map<String, String>> around = new LinkedHashMap<>();
    for (String part : Arguments.split(thresholds)) {
      if (part.startsWith("{")) {
        json(part, catalog, problems, around);
        continue;
      }
      int equals = part.indexOf('=');
      if (equals < 1) {
        problems.add("--thresholds: expected SCORER=SCORE or a JSON object, found '" + part + "'");
        continue;
      }
      put(part.substring(0, equals), part.substring(equals + 1), catalog, problems, around);
    }
    return around;
  }

  private static void json(
      String text,
      PressCatalog catalog,
      Problems problems,
      Map<String, Map<String, String>> around) {
    try {
      JsonNode object = JsonMapper.builder().build().readTree(text);
      object
          .properties()
          .forEach(
              entry -> put(entry.getKey(), entry.getValue().asText(), catalog, problems, around));
    } catch (JsonProcessingException e) {
      problems.add("--thresholds: expected a JSON object of numbers, found '" + text + "'");
    }
  }

  private static void put(
      String scorer,
      String score,
      PressCatalog catalog,
      Problems problems,
      Map<String, Map<String, String>> around) {
    String name = scorer.strip().replace('-', '_');
    PressDescriptor press = catalog.find(name).orElse(null);
    if (press == null) {
      List<String> known = catalog.descriptors().stream().map(PressDescriptor::name).toList();
      problems.add("--thresholds: " + PressCatalog.unknown("press", name, known).getMessage());
      return;
    }
    try {
      if (!Double.isNaN(Double.parseDouble(score.strip()))) {
        put(around, press.name(), THRESHOLD, score.strip());
        return;
      }
    } catch (NumberFormatException e) {
      // Said below, as for nan.
    }
    problems.add("--thresholds: expected a number for %s, found '%s'".formatted(name, score));
  }
}
