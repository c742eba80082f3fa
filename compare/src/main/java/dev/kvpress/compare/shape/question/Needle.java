package dev.kvpress.compare.shape.question;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.Optional;

/** Needles in haystacks: the context holds the needle at a depth, and the question asks for it. */
public final class Needle implements QuestionShape {
  private static final String NEEDLE = "needle";

  /** Needles themselves are held against answers as kvpress does. */
  private static final String DATA_SET = "needle_in_haystack";

  private static final ShapeCard CARD =
      ShapeCard.named("needle")
          .tasks("qa", "recall")
          .needs(ColumnType.TEXT, Asked.CONTEXT)
          .needs(ColumnType.TEXT, Asked.QUESTION, "retrieval_question")
          .needs(ColumnType.TEXT, NEEDLE)
          .takes(ColumnType.ANSWERS, Asked.ANSWERS, "answer")
          .takes(ColumnType.NUMBER, Asked.DEPTH, "depth_percent", "needle_depth")
          .takes(ColumnType.NUMBER, Asked.MOST)
          .ignores("length", "context_length")
          .prompt("context, question")
          .metric(
              "string_match of the answer; of the needle, where there is none, needle_rouge_l too")
          .from("needle-in-a-haystack files");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    String needle = row.nonBlank(NEEDLE);
    if (!row.text(Asked.CONTEXT).contains(needle.strip())) {
      throw row.error(
          "needle: expected to stand in the context, found a context without it; hide it before the file is given");
    }
    return Asked.of(
        row,
        index,
        row.has(Asked.ANSWERS) ? Asked.answers(row, Asked.ANSWERS) : ImmutableList.of(needle),
        row.has(Asked.ANSWERS) ? Optional.empty() : Optional.of(DATA_SET));
  }
}
