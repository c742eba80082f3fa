package dev.kvpress.compare.replay;

/** Answers one case; {@link ScoreCases} and {@link ReplayCases} are the two kinds. */
interface CaseAnswerer {

  /** The kind of cases that are answered. */
  Case.Kind kind();

  /**
   * The answer as one line of JSON.
   *
   * @throws RuntimeException with a one-line message if the case cannot be run
   */
  String answer(Case asked);
}
