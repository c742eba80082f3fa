package dev.kvpress.compare.task;

import com.google.common.base.Joiner;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.SummaryRequest;
import dev.kvpress.compare.metric.Rouge;
import dev.kvpress.compare.prompt.PromptTokens;
import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.compare.shape.catalog.FewShot;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.List;

/**
 * Summaries: the compressed prompt is continued greedily up to a stop text, and the summary is held
 * against references by ROUGE in each of the ways that others report it ({@link RougeColumns}), so
 * that one run has the figures of HELM's tables and of the H2O repository's script. All of the
 * prompt but its last token is compressed, so every token of the summary comes from the compressed
 * cache. That script samples with temperature 0.3, and cuts off the last character of a summary
 * without its stop text; both are not done here.
 */
public final class SummarizationTask implements Task {
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
    return RougeColumns.metrics();
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
        shots
            .training()
            .map(file -> FewShot.ofSummaries(input.data(), file, shots.count()))
            .orElse("");
    return Sieve.of(
        input,
        input.data().summaries(),
        request -> {
          requireCountable(request);
          PromptTokens tokens =
              Sieve.placed(request.origin(), () -> prompts.request(prefix + request.prompt()));
          int most =
              input.options().maxNewTokens().orElse(request.maxTokens().orElse(MAX_NEW_TOKENS));
          return new Asked(request, tokens, most, tokenizer);
        });
  }

  /** What no summary could share a word with is told before anything runs. */
  private static void requireCountable(SummaryRequest request) {
    if (request.references().stream().noneMatch(Rouge::hasWord)) {
      throw new DataException(
          request.origin().place()
              + "reference: expected a word of a–z or 0–9, which ROUGE counts, found none; leave the line out, or ask task qa with a measure for its language");
    }
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
        return Answer.of(
            written.tokens(),
            RougeColumns.figures(written.text(), request.references()),
            written.text(),
            request.references());
      }
    }
  }
}
