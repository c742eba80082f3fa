package dev.kvpress.runtime.langchain4j;

import com.google.common.collect.ImmutableList;
import dev.kvpress.runtime.generate.FinishReason;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.Usage;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import java.util.List;
import java.util.Objects;

/** What a response took, with what LangChain4j's own metadata has no place for. */
public final class KvpressResponseMetadata extends ChatResponseMetadata {
  private final Usage usage;
  private final FinishReason reason;
  private final List<String> notices;

  private KvpressResponseMetadata(ChatResponseMetadata.Builder<?> common, Generation generation) {
    super(common);
    usage = generation.usage();
    reason = generation.reason();
    notices = ImmutableList.copyOf(generation.notices());
  }

  static KvpressResponseMetadata of(Generation generation, String modelName) {
    return new KvpressResponseMetadata(
        ChatResponseMetadata.builder()
            .modelName(modelName)
            .tokenUsage(Outcomes.tokens(generation.usage()))
            .finishReason(Outcomes.reason(generation)),
        generation);
  }

  /** Tokens kept and seen, bytes and times. */
  public Usage usage() {
    return usage;
  }

  /** Why the text has ended, in our own words, of which LangChain4j has fewer. */
  public FinishReason reason() {
    return reason;
  }

  /** Remarks of the press, each once. */
  public List<String> notices() {
    return notices;
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof KvpressResponseMetadata that
        && usage.equals(that.usage)
        && reason == that.reason
        && notices.equals(that.notices);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), usage, reason, notices);
  }

  @Override
  public String toString() {
    return "%s, reason %s, %s".formatted(super.toString(), reason, usage);
  }
}
