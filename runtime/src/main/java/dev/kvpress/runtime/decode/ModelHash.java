package dev.kvpress.runtime.decode;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.ContentHash;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.graph.DecoderGraph;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** One hash over everything that decides what a model answers. */
final class ModelHash {
  private ModelHash() {}

  /** Of a graph and of the files that hold its weights. */
  static String of(DecoderGraph graph, Path cacheDir) {
    ContentHash content = ContentHash.inCache(cacheDir);
    String hash = read(content, graph.file());
    for (Path data : graph.externalFiles()) {
      hash = joined(hash, read(content, data));
    }
    return hash;
  }

  private static String read(ContentHash content, Path file) {
    try {
      return content.of(file);
    } catch (IOException e) {
      throw new ModelException(file + ": cannot read: " + FileFaults.reason(e), e);
    }
  }

  /** The same with trained tensors; as it was where there are none. */
  static String with(String hash, Map<String, String> auxiliaries) {
    String all = hash;
    for (String auxiliary : auxiliaries.values()) {
      all = joined(all, auxiliary);
    }
    return all;
  }

  private static String joined(String hash, String other) {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putString(hash + "\n" + other, StandardCharsets.UTF_8);
    return hasher.hash().toString();
  }
}
