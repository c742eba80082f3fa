package dev.kvpress.compare.run;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.kvpress.compare.task.Probe;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Names work by its content: two pieces of work with the same key have the same result but for
 * times. Whatever changes a figure is part of the key: model, code, provider, protocol, press with
 * all parameters, budget, shape of the data, tokens.
 */
final class WorkKeys {
  private final String common;

  WorkKeys(
      RunSettings settings, DecoderModel model, Optional<Tokenizer> tokenizer, String codeHash) {
    common =
        String.join(
            "\n",
            codeHash,
            model.info().contentHash(),
            model.engineVersion(),
            model.provider(),
            tokenizer.map(Tokenizer::describe).orElse(""),
            settings.protocol().name(),
            String.valueOf(settings.chunkSize()),
            String.valueOf(settings.options().threads()));
  }

  /** What all cells share on one probe; hashed once for all of them. */
  String ofProbe(Assignment assignment, Probe probe) {
    Hasher hasher = Hashing.sha256().newHasher();
    put(hasher, common);
    put(hasher, assignment.task().name());
    put(hasher, assignment.shape());
    hasher.putInt(probe.sample());
    probe.context().forEach(hasher::putInt);
    put(hasher, probe.content());
    return hasher.hash().toString();
  }

  /** The key of one cell on the probe of a key. */
  static String of(String probeKey, CellPlan cell) {
    Hasher hasher = Hashing.sha256().newHasher();
    put(hasher, probeKey);
    put(hasher, cell.spec());
    put(hasher, cell.budget().describe());
    put(hasher, cell.positions().label());
    return hasher.hash().toString();
  }

  private static void put(Hasher hasher, String text) {
    hasher.putInt(text.length()).putString(text, StandardCharsets.UTF_8);
  }
}
