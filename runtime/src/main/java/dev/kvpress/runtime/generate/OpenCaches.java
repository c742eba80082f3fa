package dev.kvpress.runtime.generate;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Bytes of the caches that are open and at rest. Safe for any thread. */
final class OpenCaches {
  private final Map<Object, Long> bytes = new ConcurrentHashMap<>();

  /** A cache is open, of so many bytes, or has so many now. */
  void opened(Object cache, long size) {
    bytes.put(cache, size);
  }

  void closed(Object cache) {
    bytes.remove(cache);
  }

  long bytes() {
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }
}
