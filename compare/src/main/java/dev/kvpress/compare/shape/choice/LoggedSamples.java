package dev.kvpress.compare.shape.choice;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.data.Choice;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ChoiceShape;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Samples that lm-evaluation-harness has logged ({@code --log_samples}) of a multiple-choice task:
 * the very pairs of context and continuation that it scored, and the target.
 *
 * <p>Where contexts vary (WinoGrande), the target is the ending that all share; the logged document
 * tells then which is right.
 */
public final class LoggedSamples implements ChoiceShape {
  private static final String ARGUMENTS = "arguments";
  private static final String TARGET = "target";
  private static final String DOC = "doc";
  private static final List<String> NUMBERS = List.of("1", "2");

  private static final ShapeCard CARD =
      ShapeCard.named("lm-eval-samples")
          .tasks("multiple_choice")
          .needs(ColumnType.LIST, ARGUMENTS)
          .needs(ColumnType.LABEL, TARGET)
          .takes(ColumnType.LIST, DOC)
          .ignores("resps", "filtered_resps", "filter", "metrics")
          .ignores("doc_hash", "prompt_hash", "target_hash", "task_name")
          .prompt("the logged context; the logged continuations, untouched")
          .metric("acc, acc_norm, acc_bytes")
          .from("lm-evaluation-harness (samples_TASK_DATE.jsonl)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public ChoiceQuestion choice(List<Row> rows, int index) {
    Row row = rows.get(0);
    List<String> contexts = new ArrayList<>();
    List<String> continuations = new ArrayList<>();
    // Newer versions write {"gen_args_0": {"arg_0": …, "arg_1": …}}, older ones lists of pairs.
    for (JsonNode pair : row.required(ARGUMENTS)) {
      List<JsonNode> parts = new ArrayList<>();
      pair.forEach(parts::add);
      if (parts.size() != 2 || !parts.get(0).isTextual() || !parts.get(1).isTextual()) {
        throw row.error(
            "arguments: expected pairs of context and continuation, found %s; give the samples of a multiple-choice task"
                .formatted(pair.isContainerNode() ? "other arguments" : "none"));
      }
      contexts.add(parts.get(0).textValue());
      continuations.add(parts.get(1).textValue());
    }
    boolean varying = contexts.stream().distinct().count() > 1;
    if (contexts.isEmpty() || continuations.stream().anyMatch(String::isBlank)) {
      throw row.error(
          "arguments: expected pairs of context and continuation, none of them blank, found others");
    }
    if (varying && continuations.stream().distinct().count() > 1) {
      throw row.error(
          "arguments: expected one context for all choices, or one continuation behind all contexts, found several of both; requests for acc_mutual_info are not supported");
    }
    List<String> texts =
        continuations.stream().map(c -> c.startsWith(" ") ? c.substring(1) : c).toList();
    List<Choice> choices = new ArrayList<>();
    for (int i = 0; i < contexts.size(); i++) {
      choices.add(
          new Choice(
              varying ? contexts.get(i) : "",
              continuations.get(i),
              varying ? filled(row, i).orElse(contexts.get(i)) : texts.get(i)));
    }
    return ChoiceQuestion.of(
        row.origin(index),
        varying ? "" : contexts.get(0),
        choices,
        OptionalInt.of(varying ? goldOfContexts(row, texts) : gold(row, texts)));
  }

  /** The choice of a gap, whose length is counted without what stands in front of the question. */
  private static Optional<String> filled(Row row, int place) {
    JsonNode doc = row.value(DOC).orElseGet(() -> row.required(ARGUMENTS));
    String sentence = doc.path("sentence").asText();
    int gap = sentence.indexOf('_');
    return gap < 0
        ? Optional.empty()
        : Optional.of(sentence.substring(0, gap) + doc.path("option" + (place + 1)).asText());
  }

  private static int gold(Row row, List<String> texts) {
    return Gold.logged(row, TARGET, texts);
  }

  private static int goldOfContexts(Row row, List<String> texts) {
    String target = row.required(TARGET).asText().strip();
    if (!target.equals(texts.get(0).strip())) {
      return gold(row, texts);
    }
    JsonNode doc = row.value(DOC).orElseGet(() -> row.required(TARGET));
    int place = NUMBERS.indexOf(doc.path("answer").asText());
    if (!doc.has("option1") || place < 0) {
      throw row.error(
          "target: expected which context is right, found the ending that all share, and no doc of WinoGrande; add the index as target");
    }
    return place;
  }
}
