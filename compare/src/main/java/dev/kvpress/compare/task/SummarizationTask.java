package dev.kvpress.compare.task;

import com.google.common.base.Joiner;
import dev.kvpress.compare.data.SummaryRequest;
import dev.kvpress.compare.metric.Rouge;
import dev.kvpress.compare.prompt.PromptTokens;
import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.compare.shape.catalog.FewShot;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.List;
import java.util.Map;

/**
 * Summaries: the compressed prompt is continued greedily up to a stop text, and the summary is held
 * against references by {@link Rouge}. All of the prompt but its last token is compressed, so every
 * token of the summary comes from the compressed cache. The H2O repository samples with temperature
 * 0.3 instead.
 */
public final class SummarizationTask implements Task {
  /** F1 of words. */
  public static final String ROUGE_1 = "rouge1";

  /** F1 of pairs of words. */
  public static final String ROUGE_2 = "rouge2";

  /** F1 of the longest common subsequence. */
  public static final String ROUGE_L = "rougeL";

  /** What the H2O repository asks for on XSUM. */
  private static final int MAX_NEW_TOKENS = 64;

  @Override
  public String name() {
    return "summarization";
  }

  @Override
  public String description() {
    return "ROUGE of a generated summary; article and summary_gt, or request.prompt and references";
  }

  @Override
  public List<Metric> metrics() {
    return List.of(
        Metric.mean(ROUGE_1, "ROUGE-1 F1", "fraction", true),
        Metric.mean(ROUGE_2, "ROUGE-2 F1", "fraction", true),
        Metric.mean(ROUGE_L, "ROUGE-L F1", "fraction", true));
  }

  @Override
  public boolean usesChatTemplate() {
    return true;
  }

  @Override
  public TaskData read(TaskInput input) {
    Tokenizer tokenizer = Sieve.tokenizer(input);
    PromptWriter prompts = Sieve.prompts(input, tokenizer);
    TaskOptions.Shots shots = input.options().shots();
    String prefix =
        shots.training().map(file -> FewShot.ofSummaries(file, shots.count())).orElse("");
    return Sieve.of(
        input,
        input.data().summaries(),
        request -> {
          PromptTokens tokens =
              Sieve.placed(request.origin(), () -> prompts.request(prefix + request.prompt()));
          int most =
              input.options().maxNewTokens().orElse(request.maxTokens().orElse(MAX_NEW_TOKENS));
          return new Asked(request, tokens, most, tokenizer);
        });
  }

  private record Asked(SummaryRequest request, PromptTokens tokens, int most, Tokenizer tokenizer)
      implements PromptProbe {
    @Override
    public int sample() {
      return request.origin().index();
    }

    @Override
    public String content() {
      return Joiner.on('\n').join(tokens.question(), most, request.stops(), request.references());
    }

    @Override
    public List<String> expected() {
      return request.references();
    }

    @Override
    public Answer ask(Turn turn) {
      try (Conversation cache = turn.decoding()) {
        cache.read(tokens.question());
        Written written = Written.by(cache, tokenizer, most, request.stops());
        Rouge rouge = Rouge.of(written.text(), request.references());
        return Answer.of(
            written.tokens(),
            Map.of(
                ROUGE_1, Figure.of(rouge.rouge1()),
                ROUGE_2, Figure.of(rouge.rouge2()),
                ROUGE_L, Figure.of(rouge.rougeL())),
            written.text(),
            request.references());
      }
    }
  }
}
