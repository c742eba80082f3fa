package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.runtime.generate.SamplingOptions;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the tokens of a text are chosen. */
final class SamplingFlags {
  @Option(
      names = "--temperature",
      paramLabel = "NUMBER",
      description =
          "What logits are divided by before a token is drawn; 0 takes the likeliest always (default: 0).")
  @Nullable String temperature;

  @Option(
      names = "--top-k",
      paramLabel = "COUNT",
      description = "Draws among so many of the likeliest tokens; 0 for all (default: 0).")
  @Nullable String topK;

  @Option(
      names = "--top-p",
      paramLabel = "SHARE",
      description =
          "Draws among the fewest tokens that are so likely together, in (0, 1] (default: 1).")
  @Nullable String topP;

  @Option(
      names = "--min-p",
      paramLabel = "SHARE",
      description =
          "Draws among tokens at least so likely beside the likeliest, in [0, 1] (default: 0).")
  @Nullable String minP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "NUMBER",
      description =
          "Makes tokens that were there before less likely, as CTRL does; 1 for not at all (default: 1).")
  @Nullable String repetitionPenalty;

  /**
   * The options, those that are wrong left out.
   *
   * @param seed of what is drawn
   */
  SamplingOptions options(Problems problems, long seed) {
    Values values = new Values(problems);
    double heat =
        number(values, "--temperature", temperature, 0, t -> t >= 0, "a number of at least 0");
    if (heat == 0) {
      requireTemperature(problems, "--top-k", topK);
      requireTemperature(problems, "--top-p", topP);
      requireTemperature(problems, "--min-p", minP);
    }
    SamplingOptions options =
        SamplingOptions.temperature(heat)
            .withTopK(values.integer("--top-k", topK, 0).orElse(0))
            .withTopP(number(values, "--top-p", topP, 1, p -> p > 0 && p <= 1, "a share in (0, 1]"))
            .withMinP(
                number(values, "--min-p", minP, 0, p -> p >= 0 && p <= 1, "a share in [0, 1]"))
            .withRepetitionPenalty(
                number(
                    values,
                    "--repetition-penalty",
                    repetitionPenalty,
                    1,
                    p -> p > 0,
                    "a number above 0"));
    return options.isGreedy() ? options : options.withSeed(seed);
  }

  private static double number(
      Values values,
      String option,
      @Nullable String text,
      double otherwise,
      DoublePredicate allowed,
      String expected) {
    return values.number(option, text, allowed, expected).orElse(otherwise);
  }

  private static void requireTemperature(Problems problems, String option, @Nullable String value) {
    if (value != null) {
      problems.add(
          "%s: changes nothing while the likeliest token is always taken; give --temperature too"
              .formatted(option));
    }
  }
}
