package dev.kvpress.compare.bench.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What came back for bytes sent.
 *
 * @param text all that came, head and body, until the server closed or the wait was over
 * @param isClosed whether the server closed the connection; otherwise the wait was over
 */
record RawAnswer(String text, boolean isClosed) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})");

  /** What tells of the inside: frames of a stack trace, class names, files. */
  private static final List<String> INSIDE =
      List.of(
          "\tat ",
          ".java:",
          "Exception",
          "dev.kvpress",
          "org.eclipse",
          "io.javalin",
          "/home/",
          "/tmp/");

  /** The status; empty where nothing came. */
  Optional<Integer> status() {
    Matcher found = STATUS.matcher(text);
    return found.lookingAt() ? Optional.of(Integer.parseInt(found.group(1))) : Optional.empty();
  }

  /** Its beginning and its end on one line, for people. */
  String shown() {
    return Shown.text(text);
  }

  /** A short name for the report. */
  String label() {
    return status().map(Object::toString).orElse(isClosed ? "closed" : "no answer");
  }

  /** What is wrong with it as an answer to a hostile request; empty where nothing is. */
  Optional<String> fault() {
    if (text.isEmpty()) {
      return isClosed ? Optional.empty() : Optional.of("neither answered nor closed");
    }
    int status = status().orElse(0);
    if (status < 400 || status > 499) {
      return Optional.of("status " + label());
    }
    Optional<String> told = INSIDE.stream().filter(text::contains).findFirst();
    return told.isPresent()
        ? Optional.of("the answer tells of the inside: " + told.get())
        : bodyFault();
  }

  private Optional<String> bodyFault() {
    int open = text.indexOf('{');
    int close = text.lastIndexOf('}');
    if (open < 0 || close < open) {
      return Optional.of("a refusal without JSON");
    }
    try {
      JsonNode error = MAPPER.readTree(text.substring(open, close + 1)).path("error");
      boolean whole = error.path("message").isTextual() && error.path("type").isTextual();
      return whole
          ? Optional.empty()
          : Optional.of("a refusal without error.message and error.type");
    } catch (JsonProcessingException e) {
      return Optional.of("a refusal whose body is no JSON");
    }
  }
}
