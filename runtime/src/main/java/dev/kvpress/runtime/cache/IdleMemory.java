package dev.kvpress.runtime.cache;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Memory that waits to be used again, in the order in which it was given back and by its size. Not
 * safe for many threads.
 */
final class IdleMemory {
  private final Set<MemoryPiece> pieces = new LinkedHashSet<>();
  private final NavigableMap<Integer, Deque<MemoryPiece>> bySize = new TreeMap<>();

  /** Those that are part of an allocation; few, since what is divided comes together again. */
  private final Set<MemoryPiece> parts = new LinkedHashSet<>();

  private long bytes;

  /** All of it. */
  long bytes() {
    return bytes;
  }

  /** Takes memory in; joins it with parts of the same allocation that lie beside it. */
  void add(MemoryPiece piece) {
    MemoryPiece joined = piece;
    while (!joined.isWhole()) {
      Optional<MemoryPiece> beside = parts.stream().filter(joined::touches).findFirst();
      if (beside.isEmpty()) {
        break;
      }
      remove(beside.get());
      joined = joined.join(beside.get());
    }
    pieces.add(joined);
    bySize.computeIfAbsent(joined.size(), size -> new ArrayDeque<>()).addLast(joined);
    if (!joined.isWhole()) {
      parts.add(joined);
    }
    bytes += joined.size();
  }

  /** Takes out the smallest piece within bounds; of equal ones the newest, which is the warmest. */
  Optional<MemoryPiece> take(int least, long most) {
    Map.Entry<Integer, Deque<MemoryPiece>> best = bySize.ceilingEntry(least);
    if (best == null || best.getKey() > most) {
      return Optional.empty();
    }
    MemoryPiece piece = best.getValue().getLast();
    remove(piece);
    return Optional.of(piece);
  }

  /** Lets whole allocations go, the oldest first, as long as there is more than some bytes. */
  void shrinkTo(long most) {
    Iterator<MemoryPiece> oldest = pieces.iterator();
    while (bytes > most && oldest.hasNext()) {
      MemoryPiece piece = oldest.next();
      if (piece.isWhole()) {
        oldest.remove();
        forget(piece);
      }
    }
  }

  private void remove(MemoryPiece piece) {
    pieces.remove(piece);
    forget(piece);
  }

  private void forget(MemoryPiece piece) {
    parts.remove(piece);
    bytes -= piece.size();
    bySize.computeIfPresent(
        piece.size(),
        (size, same) -> {
          // Most often the newest or the oldest of its size.
          if (same.getLast().equals(piece)) {
            same.removeLast();
          } else {
            same.remove(piece);
          }
          return same.isEmpty() ? null : same;
        });
  }
}
