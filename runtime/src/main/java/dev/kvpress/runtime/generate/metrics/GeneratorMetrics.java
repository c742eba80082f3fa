package dev.kvpress.runtime.generate.metrics;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.generate.FinishReason;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.GenerationObserver;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.Usage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Meters of a generator. Give it to the generator by {@code GeneratorOptions.watchedBy}, and the
 * generator to {@link #watch}, for the gauges. Safe for many threads.
 *
 * <p>Counters: {@value #GENERATIONS} by {@code reason}, {@value #SUBMITTED}, {@value #FAILURES},
 * {@value #REFUSALS}, {@value #PROMPT_TOKENS}, {@value #GENERATED_TOKENS}. Timers: {@value #WAIT},
 * {@value #PREFILL}, {@value #PRESS}, {@value #FIRST_TOKEN}, and {@value #PER_TOKEN}, the mean of a
 * generation over its tokens but the first. Gauges: {@value #RUNNING}, {@value #WAITING}, {@value
 * #CACHE_BYTES}.
 */
public final class GeneratorMetrics implements GenerationObserver {
  /** Generations that have ended with a text, by reason. */
  public static final String GENERATIONS = "kvpress.generations";

  /** Generations that were handed over. */
  public static final String SUBMITTED = "kvpress.generations.submitted";

  /** Generations that have failed. */
  public static final String FAILURES = "kvpress.generations.failed";

  /** Requests that were refused since too many waited. */
  public static final String REFUSALS = "kvpress.generations.refused";

  /** Tokens of prompts, without those of shared contexts. */
  public static final String PROMPT_TOKENS = "kvpress.tokens.prompt";

  /** New tokens. */
  public static final String GENERATED_TOKENS = "kvpress.tokens.generated";

  /** From handing over until anything was done. */
  public static final String WAIT = "kvpress.time.wait";

  /** Reading the prompt, without the press. */
  public static final String PREFILL = "kvpress.time.prefill";

  /** Within the press and for its edit before the first token. */
  public static final String PRESS = "kvpress.time.press";

  /** From handing over until the first token was known. */
  public static final String FIRST_TOKEN = "kvpress.time.first.token";

  /** A token behind the first, as the mean of a generation. */
  public static final String PER_TOKEN = "kvpress.time.per.token";

  /** What runs now. */
  public static final String RUNNING = "kvpress.running";

  /** Requests that wait. */
  public static final String WAITING = "kvpress.waiting";

  /** Bytes of the caches of running generations and open contexts. */
  public static final String CACHE_BYTES = "kvpress.cache.bytes";

  private final MeterRegistry registry;
  private final Tags tags;
  private final Map<FinishReason, Counter> ended = new EnumMap<>(FinishReason.class);
  private final Counter submitted;
  private final Counter failed;
  private final Counter refused;
  private final Counter promptTokens;
  private final Counter generatedTokens;
  private final Timer wait;
  private final Timer prefill;
  private final Timer press;
  private final Timer firstToken;
  private final Timer perToken;

  /**
   * Registers the meters, at 0.
   *
   * @param tags that all of them have, for instance the model's name; may be empty
   */
  public GeneratorMetrics(MeterRegistry registry, Iterable<Tag> tags) {
    this.registry = requireNonNull(registry, "registry is null");
    this.tags = Tags.of(tags);
    for (FinishReason reason : FinishReason.values()) {
      Tags own = this.tags.and("reason", reason.name().toLowerCase(Locale.ROOT));
      ended.put(reason, registry.counter(GENERATIONS, own));
    }
    submitted = registry.counter(SUBMITTED, this.tags);
    failed = registry.counter(FAILURES, this.tags);
    refused = registry.counter(REFUSALS, this.tags);
    promptTokens = registry.counter(PROMPT_TOKENS, this.tags);
    generatedTokens = registry.counter(GENERATED_TOKENS, this.tags);
    wait = registry.timer(WAIT, this.tags);
    prefill = registry.timer(PREFILL, this.tags);
    press = registry.timer(PRESS, this.tags);
    firstToken = registry.timer(FIRST_TOKEN, this.tags);
    perToken = registry.timer(PER_TOKEN, this.tags);
  }

  /** Adds the gauges of a generator; they do not keep it from being collected. */
  public void watch(Generator generator) {
    Gauge.builder(RUNNING, generator, Generator::running).tags(tags).register(registry);
    Gauge.builder(WAITING, generator, Generator::waiting).tags(tags).register(registry);
    Gauge.builder(CACHE_BYTES, generator, Generator::cacheBytes)
        .tags(tags)
        .baseUnit("bytes")
        .register(registry);
  }

  @Override
  public void onSubmit() {
    submitted.increment();
  }

  @Override
  public void onEnd(Generation generation) {
    requireNonNull(ended.get(generation.reason())).increment();
    Usage usage = generation.usage();
    wait.record(usage.waitNanos(), TimeUnit.NANOSECONDS);
    if (usage.seenTokens() == 0) {
      // Its prompt has not passed.
      return;
    }
    promptTokens.increment(usage.promptTokens());
    generatedTokens.increment(usage.generatedTokens());
    prefill.record(usage.prefillNanos(), TimeUnit.NANOSECONDS);
    press.record(usage.pressNanos(), TimeUnit.NANOSECONDS);
    firstToken.record(usage.firstTokenNanos(), TimeUnit.NANOSECONDS);
    if (usage.generatedTokens() > 1) {
      perToken.record(usage.decodeNanos() / (usage.generatedTokens() - 1), TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void onFailure(RuntimeException reason) {
    failed.increment();
  }

  @Override
  public void onBusy() {
    refused.increment();
  }
}
