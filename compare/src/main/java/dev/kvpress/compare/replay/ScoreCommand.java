package dev.kvpress.compare.replay;

import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import java.io.InputStream;
import picocli.CommandLine.Command;

/**
 * Scores the tokens of one layer after a prefill, tensors given as JSON lines.
 *
 * <p>A line {@code {"press": SPEC, "compression_ratio": R, "inputs": {…}}} is answered by {@code
 * {"scores": [B][G][S], "kept": [B][G][positions]}}, or by {@code {"error": "line N: …"}}.
 */
@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    description = "Scores tokens and says which are kept, for tensors given as JSON lines.",
    footer = {
      "",
      "One case a line: {\"press\": \"h2o(local_window_size=4)\", \"compression_ratio\": 0.5,",
      "  \"inputs\": {\"keys\": [B][G][S][D], \"values\": …, \"attentions\": [B][H][S][S]}}",
      "Ends with 3 if a line was answered by {\"error\": …}."
    })
public final class ScoreCommand extends BatchCommand {

  /** Reads {@code --batch -} from standard input. */
  public ScoreCommand() {
    this(System.in);
  }

  /** Reads {@code --batch -} from another stream. */
  public ScoreCommand(InputStream standardInput) {
    super(standardInput);
  }

  @Override
  CaseAnswerer answerer(PressCatalog catalog, PressDefaults defaults) {
    return new ScoreCases(catalog, defaults);
  }
}
