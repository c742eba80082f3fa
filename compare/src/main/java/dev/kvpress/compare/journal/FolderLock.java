package dev.kvpress.compare.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.kvpress.compare.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * At most one run writes to a folder, on whichever machine it runs.
 *
 * <p>Runs of one machine exclude each other by a lock on the file {@value #LOCK}, which ends with
 * the process. File systems of a network may ignore such locks; there the file {@value #OWNER}
 * decides, which can only be made where there is none. It says who made it, and its owner counts a
 * beat up in it. Who finds one watches the beat by its own clock (clocks of two machines are never
 * compared): one that moves is alive, one that stands still for {@link #DEAD} is taken over by
 * putting another file in its place. An owner that stood still for so long finds that out before it
 * writes the next line ({@link #requireHeld}).
 */
public final class FolderLock implements AutoCloseable {
  /** Holds the lock of the operating system; stays, since others may have it open already. */
  static final String LOCK = ".lock";

  /** Says who writes; goes with the run. */
  static final String OWNER = ".owner";

  /** Is there while an owner that stands still is replaced, so that only one does it. */
  static final String TAKEOVER = ".takeover";

  /** From one beat to the next. */
  static final Duration BEAT = Duration.ofSeconds(5);

  /** An owner whose beat is older looks whether the folder is still its own before it writes. */
  static final Duration LATELY = Duration.ofSeconds(12);

  /** Beats that stand still for so long are those of a run that has died. */
  static final Duration DEAD = Duration.ofSeconds(30);

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);

  private final Path folder;
  private final LockTime time;
  private final FileChannel local;
  private final FolderOwner self = FolderOwner.self();
  private @Nullable FileChannel channel;
  private long beats;
  private long beatNanos;
  private long beatMillis;
  private volatile boolean closed;

  private FolderLock(Path folder, LockTime time, FileChannel local) {
    this.folder = folder;
    this.time = time;
    this.local = local;
  }

  /**
   * Takes a folder that exists, and holds it until it is closed or the process ends.
   *
   * @param notices hears if somebody else's sign of life has to be waited for
   * @throws UsageException if another run holds it
   * @throws UncheckedIOException if the folder cannot be written
   */
  public static FolderLock take(Path folder, Consumer<String> notices) {
    FolderLock lock = take(folder, notices, LockTime.REAL);
    Thread beat = new Thread(lock::keepBeating, "folder-lock");
    beat.setDaemon(true);
    beat.start();
    return lock;
  }

  /** The same without beating by itself. */
  static FolderLock take(Path folder, Consumer<String> notices, LockTime time) {
    FileChannel local = null;
    FolderLock lock = null;
    boolean done = false;
    try {
      local =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock = new FolderLock(folder, time, local);
      lock.lockHere();
      lock.own(notices);
      done = true;
      return lock;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock " + folder, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + folder, e);
    } finally {
      if (!done) {
        close(lock == null ? null : lock.channel);
        close(local);
      }
    }
  }

  private void lockHere() {
    boolean held;
    try {
      held = local.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      held = false;
    } catch (IOException e) {
      LOG.debug("{} knows no locks of the operating system; {} decides", folder, OWNER, e);
      held = true;
    }
    if (!held) {
      throw refused(owner().map(owner -> " (" + owner.describe() + ")").orElse(""));
    }
  }

  private void own(Consumer<String> notices) throws IOException, InterruptedException {
    while (channel == null) {
      if (create()) {
        return;
      }
      Optional<String> found = text();
      if (found.isPresent()) {
        boolean dead = FolderOwner.parse(found.get()).filter(FolderOwner::isDeadHere).isPresent();
        if (dead || standsStill(found.get(), notices)) {
          takeOver(found.get());
        }
      }
    }
  }

  private boolean create() throws IOException {
    try {
      channel =
          FileChannel.open(
              folder.resolve(OWNER), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
    boolean done = false;
    try {
      write();
      done = true;
      return true;
    } finally {
      if (!done) {
        // Empty it would be watched like one of a run that lives.
        Files.deleteIfExists(folder.resolve(OWNER));
      }
    }
  }

  /**
   * Watches an owner.
   *
   * @return true if it showed no sign of life, false if its file has gone
   * @throws UsageException if it lives
   */
  private boolean standsStill(String before, Consumer<String> notices)
      throws IOException, InterruptedException {
    String who = FolderOwner.parse(before).map(FolderOwner::describe).orElse("another run");
    notices.accept(
        "%s is held by %s; watching for up to %d s whether it still lives"
            .formatted(folder, who, DEAD.toSeconds()));
    long start = time.nanos();
    while (time.nanos() - start < DEAD.toNanos()) {
      time.pause(LOOK);
      Optional<String> now = text();
      if (now.isEmpty()) {
        return false;
      }
      if (!now.get().equals(before)) {
        throw refused(" (" + who + ")");
      }
    }
    return true;
  }

  /** Puts a file of our own in the place of one that has stood still. */
  private void takeOver(String before) throws IOException {
    Path takeover = folder.resolve(TAKEOVER);
    FileChannel own;
    try {
      own = FileChannel.open(takeover, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new UsageException(
          List.of(
              "--output: another run is just taking over %s; try again in a moment, and if that does not help, delete %s, which a run that was killed has left"
                  .formatted(folder, takeover)));
    }
    boolean done = false;
    try {
      // Another run may have been quicker before this one had the takeover to itself.
      if (text().filter(before::equals).isPresent()) {
        channel = own;
        write();
        Files.move(takeover, folder.resolve(OWNER), StandardCopyOption.ATOMIC_MOVE);
        done = true;
      }
    } finally {
      if (!done) {
        channel = null;
        close(own);
        Files.deleteIfExists(takeover);
      }
    }
  }

  private void keepBeating() {
    while (!closed) {
      try {
        time.pause(BEAT);
        beat();
      } catch (InterruptedException e) {
        return;
      } catch (IOException e) {
        // Whoever writes next finds the beat too old and looks for itself.
        LOG.debug("no beat in {}", folder, e);
      }
    }
  }

  /** One sign of life. */
  synchronized void beat() throws IOException {
    if (!closed && isOwn()) {
      write();
    }
  }

  /** Writes through the open file: where another has been put in its place, that stays whole. */
  private synchronized void write() throws IOException {
    FileChannel open = channel;
    if (open == null) {
      return;
    }
    long nanos = time.nanos();
    long millis = time.wallMillis();
    ByteBuffer bytes = ByteBuffer.wrap(self.beating(++beats).toJson().getBytes(UTF_8));
    long position = 0;
    while (bytes.hasRemaining()) {
      position += open.write(bytes, position);
    }
    // Other machines are to see it now.
    open.force(true);
    beatNanos = nanos;
    beatMillis = millis;
  }

  /**
   * Makes sure that the folder is still held; costs nothing as long as the last beat is young.
   *
   * @throws UsageException if another run has taken it over, having seen no beat for long
   * @throws UncheckedIOException if that cannot be found out
   */
  public synchronized void requireHeld() {
    long nanos = time.nanos() - beatNanos;
    // A machine that slept may not count the time, the calendar does; it may jump both ways.
    long millis = time.wallMillis() - beatMillis;
    if (nanos < LATELY.toNanos() && millis >= 0 && millis < LATELY.toMillis()) {
      return;
    }
    try {
      if (!isOwn()) {
        throw new UsageException(
            List.of(
                "--output: this run stood still for long, and %s was taken over%s; what it had done before is there, and the same command goes on once the other run has ended"
                    .formatted(
                        folder, owner().map(owner -> " by " + owner.describe()).orElse(""))));
      }
      write();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell whether %s is still held".formatted(folder), e);
    }
  }

  private boolean isOwn() throws IOException {
    return text()
        .flatMap(FolderOwner::parse)
        .filter(owner -> owner.token().equals(self.token()))
        .isPresent();
  }

  private Optional<FolderOwner> owner() {
    try {
      return text().flatMap(FolderOwner::parse);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** What the owner's file says; opened anew each time, which makes a network file system look. */
  private Optional<String> text() throws IOException {
    try {
      return Optional.of(new String(Files.readAllBytes(folder.resolve(OWNER)), UTF_8));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private UsageException refused(String who) {
    return new UsageException(
        List.of(
            "--output: another run is writing to %s%s; wait for it or give another folder"
                .formatted(folder, who)));
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (isOwn()) {
        Files.deleteIfExists(folder.resolve(OWNER));
      }
    } catch (IOException e) {
      // The next run finds that this process has ended.
      LOG.debug("{} stays in {}", OWNER, folder, e);
    } finally {
      close(channel);
      // Releases the lock.
      close(local);
    }
  }

  private static void close(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        LOG.debug("a lock file is not closed well", e);
      }
    }
  }
}
