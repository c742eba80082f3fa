package dev.kvpress.compare.cases;

import dev.kvpress.compare.data.Line;

/** Answers one case; {@link ScoreCases} and {@link ReplayCases} are the two kinds. */
public interface CaseAnswerer {

  /**
   * The answer as one line of JSON.
   *
   * @throws RuntimeException with a one-line message if the case cannot be run
   */
  String answer(Line line);
}
