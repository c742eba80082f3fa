package dev.kvpress.compare.run;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.kvpress.compare.run.plan.RunPlan;
import dev.kvpress.compare.task.Probe;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The parts of {@link RunPlan#key}. Whatever changes a figure is part of a key: model, code,
 * provider, protocol, press with all parameters, budget, shape of the data, tokens.
 */
final class WorkKeys {
  private WorkKeys() {}

  /** What all work of a run has in common. */
  static String common(
      RunSettings settings, DecoderModel model, Optional<Tokenizer> tokenizer, String codeHash) {
    Hasher hasher = Hashing.sha256().newHasher();
    put(hasher, codeHash);
    put(hasher, model.info().contentHash());
    put(hasher, model.engineVersion());
    put(hasher, model.provider());
    put(hasher, tokenizer.map(Tokenizer::describe).orElse(""));
    put(hasher, settings.protocol().name());
    hasher.putInt(settings.chunkSize());
    // The engine divides its sums by them, whose last bits follow.
    hasher.putInt(settings.options().usedThreads());
    return hasher.hash().toString();
  }

  /** What all cells share on one probe; hashed once for all of them. */
  static String content(Assignment assignment, Probe probe) {
    Hasher hasher = Hashing.sha256().newHasher();
    put(hasher, assignment.task().name());
    put(hasher, assignment.shape());
    hasher.putInt(probe.sample());
    probe.context().forEach(hasher::putInt);
    put(hasher, probe.content());
    return hasher.hash().toString();
  }

  private static void put(Hasher hasher, String text) {
    hasher.putInt(text.length()).putString(text, StandardCharsets.UTF_8);
  }
}
