package dev.kvpress.compare.shape.summary;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.data.SummaryRequest;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Sampling;
import dev.kvpress.compare.shape.ShapeCard;
import dev.kvpress.compare.shape.SummaryShape;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Requests of HELM with the instance that they ask about: the right references are its outputs that
 * are tagged {@code correct}. HELM's request states have the same columns for every scenario; those
 * that ask for a few tokens, or for likelihoods, are no summaries.
 */
public final class HelmRequests implements SummaryShape {
  private static final String PROMPT = "prompt";
  private static final String INSTANCE = "instance";
  private static final String MOST = "max_tokens";
  private static final int SHORTEST_SUMMARY = 16;

  private static final ShapeCard CARD =
      ShapeCard.named("helm")
          .tasks("summarization")
          .needs(ColumnType.TEXT, PROMPT)
          .needs(ColumnType.LIST, INSTANCE)
          .takes(ColumnType.ANSWERS, "stop", "stop_sequences")
          .takes(ColumnType.NUMBER, MOST)
          .ignores(Sampling.columns())
          .ignores("result", "reference_index", "request_mode", "train_trial_index")
          .ignores("output_mapping", "num_train_instances", "prompt_truncated", "annotations")
          .prompt("the prompt as HELM built it")
          .metric("rouge1, rouge2, rougeL")
          .from("HELM (scenario_state.json's request states, one a line)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<String> objection(Path file, List<Row> rows) {
    for (Row row : rows) {
      if (row.positive(MOST).orElse(SHORTEST_SUMMARY) < SHORTEST_SUMMARY) {
        return Optional.of(
            "line %d asks for %d tokens, which is no summary"
                .formatted(row.line(), row.positive(MOST).getAsInt()));
      }
    }
    return Optional.empty();
  }

  @Override
  public SummaryRequest summary(Row row, int index) {
    ImmutableList.Builder<String> references = ImmutableList.builder();
    for (JsonNode reference : row.required(INSTANCE).path("references")) {
      for (JsonNode tag : reference.path("tags")) {
        if (tag.asText().equals("correct")) {
          references.add(reference.at("/output/text").asText());
        }
      }
    }
    return Summaries.request(row, index, PROMPT, references.build());
  }
}
