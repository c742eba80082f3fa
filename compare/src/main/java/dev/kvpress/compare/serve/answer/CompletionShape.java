package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.serve.answer.Logprobs.Placed;
import dev.kvpress.compare.serve.wire.JsonText;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.TextPiece;
import dev.kvpress.runtime.generate.TokenScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers of {@code /v1/completions}. */
final class CompletionShape implements AnswerShape {
  /** The field that says what is gone on with. */
  static final String PROMPT = "prompt";

  private static final String OBJECT = "text_completion";

  /**
   * A choice whose text grows.
   *
   * @param echo what it begins with; empty unless the prompt is told again
   * @param scores tokens of the echo, where log-probabilities were asked for
   * @param places counts the characters of what is written
   */
  private record Open(String echo, List<Placed> scores, CodePoints places) {}

  private final Envelope envelope;
  private final boolean logprobs;
  private final List<Open> choices = new ArrayList<>();

  CompletionShape(String model, boolean logprobs) {
    this.envelope = Envelope.of("cmpl-", model);
    this.logprobs = logprobs;
  }

  /** One more choice, which begins with its prompt where that is told again. */
  void add(PromptEcho echo) {
    int before = echo.text().codePointCount(0, echo.text().length());
    choices.add(new Open(echo.text(), echo.tokens(), new CodePoints(before)));
  }

  @Override
  public String promptField() {
    return PROMPT;
  }

  @Override
  public ObjectNode envelope(boolean piece) {
    return envelope.json(OBJECT);
  }

  @Override
  public Optional<ObjectNode> opening(int choice) {
    Open open = choices.get(choice);
    if (open.echo().isEmpty() && open.scores().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(node(choice, open.echo(), open.scores()));
  }

  @Override
  public ObjectNode piece(int choice, TextPiece piece) {
    return node(choice, piece.text(), placed(choice, piece.text(), piece.tokens()));
  }

  @Override
  public boolean tellsTokens() {
    return logprobs;
  }

  @Override
  public ObjectNode ending(int choice, Generation generation) {
    return node(choice, "", behind(choice, generation))
        .put("finish_reason", Finish.word(generation.reason()));
  }

  @Override
  public ObjectNode whole(int choice, Generation generation) {
    Open open = choices.get(choice);
    List<Placed> tokens = new ArrayList<>(open.scores());
    tokens.addAll(placed(choice, generation.text(), generation.tokens()));
    tokens.addAll(behind(choice, generation));
    return node(choice, open.echo() + generation.text(), tokens)
        .put("finish_reason", Finish.word(generation.reason()));
  }

  /** A choice that is its prompt and nothing behind it. */
  ObjectNode promptOnly(int choice) {
    Open open = choices.get(choice);
    return node(choice, open.echo(), open.scores()).put("finish_reason", Finish.LENGTH);
  }

  private List<Placed> placed(int choice, String text, List<TokenScore> tokens) {
    CodePoints places = choices.get(choice).places();
    places.append(text);
    return tokens.stream().map(score -> new Placed(score, places.at(score.textOffset()))).toList();
  }

  /** The token that has ended an answer, which is no part of its text and stands behind it. */
  private List<Placed> behind(int choice, Generation generation) {
    int end = choices.get(choice).places().end();
    return generation.end().map(score -> List.of(new Placed(score, end))).orElse(List.of());
  }

  private ObjectNode node(int choice, String text, List<Placed> tokens) {
    ObjectNode node = JsonText.object();
    node.put("index", choice);
    node.put("text", text);
    if (logprobs) {
      node.set("logprobs", Logprobs.completion(tokens));
    } else {
      node.putNull("logprobs");
    }
    return node.putNull("finish_reason");
  }
}
