package dev.kvpress.compare.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.serve.answer.Faults;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class CommandLogTest {
  private static final Logger TALKS = LoggerFactory.getLogger("test.talks");
  private static final Logger WARNS = LoggerFactory.getLogger("dev.kvpress.test.warns");
  private static final Logger OTHER = LoggerFactory.getLogger("test.other");

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aFaultIsToldUnderTheNumberThatTheClientGets() {
    String told;
    try (CommandLog log = CommandLog.to(stream, Set.of())) {
      assertThat(log).isNotNull();
      told = Faults.of(new IllegalStateException("the reason")).getMessage();
    }
    Matcher number = Pattern.compile("under ([0-9a-f]{8})$").matcher(told);
    assertThat(number.find()).isTrue();
    assertThat(text())
        .contains(" ERROR ", "(" + number.group(1) + ")")
        .contains("java.lang.IllegalStateException: the reason")
        .contains("\tat " + CommandLogTest.class.getName());
  }

  @Test
  void onlyWhatIsAskedForTalksBelowAWarning() {
    try (CommandLog log = CommandLog.to(stream, Set.of("test.talks"))) {
      assertThat(log).isNotNull();
      TALKS.info("{} said {}", "one", 2);
      TALKS.debug("no");
      WARNS.info("no");
      OTHER.warn("no");
      OTHER.error("an error");
      WARNS.warn("a warning\nERROR of mine");
    }
    TALKS.error("too late");
    assertThat(text().lines())
        .hasSize(3)
        .anyMatch(line -> line.endsWith(" ERROR test.other: an error"))
        .anyMatch(line -> line.endsWith(" INFO test.talks: one said 2"))
        .anyMatch(line -> line.endsWith(" WARN dev.kvpress.test.warns: a warning ERROR of mine"));
  }
}
