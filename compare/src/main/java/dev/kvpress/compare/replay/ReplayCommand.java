package dev.kvpress.compare.replay;

import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import java.io.InputStream;
import picocli.CommandLine.Command;

/**
 * Plays a prefill and decoding steps through one layer, tensors given as JSON lines.
 *
 * <p>A line {@code {"press": SPEC, "compression_ratio": R, "steps": [{…}, …]}} is answered by
 * {@code {"trace": [{"kept": [B][G][positions]}, …], "compression_ratio": achieved}}, or by {@code
 * {"error": "line N: …"}}.
 */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = "Plays a prefill and decoding steps through a press, tensors as JSON lines.",
    footer = {
      "",
      "One case a line: {\"press\": \"h2o(hh_size=4,recent_size=4)\", \"steps\": [",
      "  {\"keys\": [B][G][Q][D], \"values\": …, \"attentions\": [B][H][Q][slots]}, …]}",
      "The first step is the prefill, every later one decoding.",
      "Ends with 3 if a line was answered by {\"error\": …}."
    })
public final class ReplayCommand extends BatchCommand {

  /** Reads {@code --batch -} from standard input. */
  public ReplayCommand() {
    this(System.in);
  }

  /** Reads {@code --batch -} from another stream. */
  public ReplayCommand(InputStream standardInput) {
    super(standardInput);
  }

  @Override
  CaseAnswerer answerer(PressCatalog catalog, PressDefaults defaults) {
    return new ReplayCases(catalog, defaults);
  }
}
