package dev.kvpress.compare.replay;

import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import java.io.InputStream;
import java.util.function.Consumer;

/** Answers batches without a command line, for callers that have options of their own. */
public final class CaseBatch {
  private CaseBatch() {}

  /**
   * Answers the cases of {@code score}.
   *
   * @param in JSON lines; stays open
   * @param name what messages call the stream
   * @param out takes one answer for each line, in order, without line end
   * @return the number of lines answered by an error
   * @throws dev.kvpress.compare.data.DataException if the stream cannot be read on
   */
  public static int score(
      InputStream in,
      String name,
      PressCatalog catalog,
      PressDefaults defaults,
      Consumer<String> out) {
    return Batch.run(new BatchLines(in, name), new ScoreCases(catalog, defaults), out);
  }

  /** Answers the cases of {@code replay}; as {@link #score}. */
  public static int replay(
      InputStream in,
      String name,
      PressCatalog catalog,
      PressDefaults defaults,
      Consumer<String> out) {
    return Batch.run(new BatchLines(in, name), new ReplayCases(catalog, defaults), out);
  }
}
