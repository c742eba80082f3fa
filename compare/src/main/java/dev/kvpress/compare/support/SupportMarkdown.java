package dev.kvpress.compare.support;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes the table: presses that did the same everywhere share a row. */
final class SupportMarkdown {
  private final List<ModelKind> kinds;
  private final Map<String, Integer> reasons = new LinkedHashMap<>();

  SupportMarkdown(List<ModelKind> kinds) {
    this.kinds = kinds;
  }

  String text() {
    StringBuilder text = new StringBuilder("| press |");
    for (int k = 0; k < kinds.size(); k++) {
      text.append(' ').append(letter(k)).append(" |");
    }
    text.append("\n|---|").append("---|".repeat(kinds.size())).append('\n');
    rows()
        .forEach(
            (cells, presses) -> {
              text.append("| ").append(presses.stream().collect(Collectors.joining(", ")));
              cells.forEach(cell -> text.append(" | ").append(cell));
              text.append(" |\n");
            });
    text.append('\n');
    for (int k = 0; k < kinds.size(); k++) {
      String members = String.join(", ", kinds.get(k).members());
      text.append("- **").append(letter(k)).append("**: ").append(members).append('\n');
    }
    text.append('\n');
    reasons.forEach(
        (reason, number) -> text.append(number).append(". ").append(reason).append('\n'));
    return text.toString();
  }

  private Map<List<String>, List<String>> rows() {
    Map<List<String>, List<String>> rows = new LinkedHashMap<>();
    int presses = kinds.isEmpty() ? 0 : kinds.get(0).trials().size();
    for (int p = 0; p < presses; p++) {
      List<String> cells = new ArrayList<>();
      for (ModelKind kind : kinds) {
        cells.add(cell(kind.trials().get(p)));
      }
      String press = "`" + kinds.get(0).trials().get(p).press() + "`";
      rows.computeIfAbsent(cells, none -> new ArrayList<>()).add(press);
    }
    return rows;
  }

  /** One word where both phases give the same answer, else prefill / decoding. */
  private String cell(PressTrial trial) {
    String prefill = mark(trial.prefill());
    String decoding = mark(trial.decoding());
    return prefill.equals(decoding) ? prefill : prefill + " / " + decoding;
  }

  private String mark(Optional<String> refusal) {
    return refusal
        .map(reason -> "no [" + reasons.computeIfAbsent(reason, r -> reasons.size() + 1) + "]")
        .orElse("yes");
  }

  /** A to Z, then A2 and so on. */
  private static String letter(int index) {
    String letter = String.valueOf((char) ('A' + index % 26));
    return index < 26 ? letter : letter + (index / 26 + 1);
  }
}
