package dev.kvpress.runtime.ort;

import ai.onnxruntime.OrtException;
import java.util.regex.Pattern;

/** What ONNX Runtime says of a fault, in one short line. */
final class EngineText {
  private static final int LONGEST = 400;

  /** The library's code comes first in each message, with a label. */
  private static final Pattern CODE = Pattern.compile("^Error code - \\w+ - message: ");

  /** Places in its own sources, and the whole signature of the function there. */
  private static final Pattern PLACE =
      Pattern.compile(
          "/?\\S*onnxruntime_src/\\S*\\.(cc|h|hpp|cu):\\d+ ([^()]*\\([^()]*\\)( const)? )?");

  private EngineText() {}

  /** The text of a fault without line ends, colours and places in the library. */
  static String of(OrtException e) {
    String text = String.valueOf(e.getMessage());
    text = text.replaceAll("\\u001b\\[[0-9;]*m", "").replaceAll("\\s+", " ").trim();
    text = CODE.matcher(text).replaceFirst("");
    text = PLACE.matcher(text).replaceAll("");
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + " …";
  }
}
