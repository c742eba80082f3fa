package dev.kvpress.compare.serve.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.Striped;
import dev.kvpress.runtime.generate.SharedContext;
import dev.kvpress.runtime.generate.Usage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Compressed contexts that are kept for requests to come, the least recently used going first where
 * there are too many. A context is found again only for the very thing that it was made of.
 *
 * <p>Safe for any thread. A context that goes while a request holds it lives until the request has
 * let go of it.
 */
public final class ContextShelf implements AutoCloseable {
  private static final int LOCKS = 64;

  private final Bounds bounds;
  private final Striped<Lock> making = Striped.lock(LOCKS);

  // In the order in which they were last used; guarded by this.
  private final Map<Slot, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;
  private boolean closed;

  /** A shelf that holds no more than its bounds allow. */
  public ContextShelf(Bounds bounds) {
    this.bounds = requireNonNull(bounds, "bounds is null");
  }

  /**
   * How much may be kept.
   *
   * @param count contexts
   * @param bytes of their caches
   */
  public record Bounds(int count, long bytes) {
    /** Checks the ranges. */
    public Bounds {
      checkArgument(count >= 0, "count must not be negative, found %s", count);
      checkArgument(bytes >= 0, "bytes must not be negative, found %s", bytes);
    }
  }

  /**
   * A place on the shelf, which holds one context at a time.
   *
   * @param key by which a client asks for it
   * @param press and budget, in words
   */
  public record Slot(String key, String press) {}

  /**
   * A context that was made.
   *
   * @param fresh whether it was read just now, rather than found in a file
   * @param notices what is to be said of it
   * @param stored the press that its file names, of a stored context
   */
  public record Made(
      SharedContext context, boolean fresh, List<String> notices, Optional<StoredPress> stored) {
    /** Takes a copy. */
    public Made {
      notices = ImmutableList.copyOf(notices);
    }
  }

  private static final class Entry {
    final Object origin;
    final Made made;
    final long bytes;
    int holders;
    boolean off;

    Entry(Object origin, Made made) {
      this.origin = origin;
      this.made = made;
      this.bytes = made.context().physicalBytes();
    }
  }

  /** A context in use. Closing lets go of it. */
  public final class Lease implements AutoCloseable {
    private final Entry entry;
    private final boolean cached;
    private boolean over;

    private Lease(Entry entry, boolean cached) {
      this.entry = entry;
      this.cached = cached;
    }

    /** The context. */
    public SharedContext context() {
      return entry.made.context();
    }

    /** Whether it was there before, so that nothing of it was read for this request. */
    public boolean cached() {
      return cached;
    }

    /** What reading and cutting it took; empty where nothing of it was read for this request. */
    public Optional<Usage> reading() {
      return cached ? Optional.empty() : context().reading();
    }

    /** What is to be said of it, by its press too. */
    public List<String> notices() {
      return ImmutableList.<String>builder()
          .addAll(entry.made.notices())
          .addAll(entry.made.context().notices())
          .build();
    }

    /** The press that has cut it, of a stored context. */
    public Optional<StoredPress> stored() {
      return entry.made.stored();
    }

    @Override
    public void close() {
      synchronized (ContextShelf.this) {
        if (over) {
          return;
        }
        over = true;
        entry.holders--;
      }
      closeIfUnused(entry);
    }
  }

  /**
   * The context of a slot, which is made where there is none that was made of the same thing.
   * Others that ask for the same meanwhile wait for it; an interrupted thread stops waiting.
   *
   * @param origin what it is made of, compared by {@code equals}
   * @param maker makes it; what it throws is thrown on
   */
  public Lease lease(Slot slot, Object origin, Supplier<Made> maker) {
    Lock lock = making.get(slot);
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("gave up waiting for a context");
    }
    try {
      Lease there = find(slot, origin);
      return there != null ? there : put(slot, new Entry(origin, maker.get()));
    } finally {
      lock.unlock();
    }
  }

  /** A context that is not kept. */
  public Lease once(Made made) {
    Entry entry = new Entry(made, made);
    entry.holders = 1;
    entry.off = true;
    return new Lease(entry, !made.fresh());
  }

  private synchronized @Nullable Lease find(Slot slot, Object origin) {
    Entry entry = entries.get(slot);
    if (entry == null || !entry.origin.equals(origin)) {
      return null;
    }
    entry.holders++;
    return new Lease(entry, true);
  }

  private Lease put(Slot slot, Entry entry) {
    List<Entry> gone = new ArrayList<>();
    synchronized (this) {
      entry.holders = 1;
      Entry before = entries.remove(slot);
      if (before != null) {
        takeOff(before, gone);
      }
      if (closed || bounds.count() == 0 || entry.bytes > bounds.bytes()) {
        entry.off = true;
      } else {
        entries.put(slot, entry);
        bytes += entry.bytes;
        trim(gone);
      }
    }
    gone.forEach(this::closeIfUnused);
    return new Lease(entry, !entry.made.fresh());
  }

  private void trim(List<Entry> gone) {
    Iterator<Entry> oldest = entries.values().iterator();
    while (entries.size() > bounds.count() || bytes > bounds.bytes()) {
      Entry entry = oldest.next();
      oldest.remove();
      takeOff(entry, gone);
    }
  }

  private void takeOff(Entry entry, List<Entry> gone) {
    bytes -= entry.bytes;
    entry.off = true;
    gone.add(entry);
  }

  private void closeIfUnused(Entry entry) {
    boolean unused;
    synchronized (this) {
      unused = entry.off && entry.holders == 0;
    }
    // Closing twice is nothing.
    if (unused) {
      entry.made.context().close();
    }
  }

  /** Contexts on the shelf. */
  public synchronized int size() {
    return entries.size();
  }

  /** Bytes that they take. */
  public synchronized long bytes() {
    return bytes;
  }

  /** Lets go of all. */
  @Override
  public void close() {
    List<Entry> gone = new ArrayList<>();
    synchronized (this) {
      closed = true;
      entries.values().forEach(entry -> takeOff(entry, gone));
      entries.clear();
    }
    gone.forEach(this::closeIfUnused);
  }
}
