package dev.kvpress.runtime.langchain4j;

import dev.kvpress.runtime.generate.Prompt;
import dev.langchain4j.model.language.LanguageModel;
import dev.langchain4j.model.output.Response;

/**
 * A LangChain4j language model over a generator: texts are gone on with as they stand, without a
 * chat template. Safe for any thread; an interrupted one gives its generation up.
 */
public final class KvpressLanguageModel implements LanguageModel {
  private final ModelSettings settings;

  private KvpressLanguageModel(ModelSettings settings) {
    this.settings = settings;
  }

  /** Begins one. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Goes on with a text.
   *
   * @throws dev.langchain4j.exception.InvalidRequestException if the text is too long
   * @throws dev.langchain4j.exception.RateLimitException if too many requests wait
   */
  @Override
  public Response<String> generate(String prompt) {
    try {
      return Outcomes.text(
          settings.generator().generate(settings.request(new Prompt.Text(prompt))));
    } catch (RuntimeException e) {
      throw Outcomes.fault(e);
    }
  }

  /** Builds language models. */
  public static final class Builder extends KvpressModelBuilder<Builder> {
    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /** The model. */
    public KvpressLanguageModel build() {
      return new KvpressLanguageModel(settings());
    }
  }
}
