package dev.kvpress.compare.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other machines are files that were written as by them; time goes on when somebody waits. */
class FolderLockTest {
  private static final long DEAD_PROCESS = Long.MAX_VALUE;

  @TempDir Path folder;
  private final List<String> notices = new ArrayList<>();
  private final Time time = new Time();
  private Path owner;

  /** Time that only passes in pauses, in each of which something may happen. */
  private static final class Time implements LockTime {
    private long nanos;
    private long slept;
    private Runnable happening = () -> {};

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public long wallMillis() {
      return nanos / 1_000_000 + slept;
    }

    @Override
    public void pause(Duration time) {
      nanos += time.toNanos();
      happening.run();
    }
  }

  @BeforeEach
  void name() {
    owner = folder.resolve(FolderLock.OWNER);
  }

  private FolderLock take() {
    return FolderLock.take(folder, notices::add, time);
  }

  private void write(FolderOwner other) {
    try {
      Files.writeString(owner, other.toJson());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FolderOwner elsewhere() {
    return new FolderOwner("node7", "another boot", 41, "their token", "").beating(3);
  }

  private FolderOwner found() throws IOException {
    return FolderOwner.parse(Files.readString(owner)).orElseThrow();
  }

  @Test
  void aSecondRunHereIsRefusedAtOnceAndTheNextOneFindsTheFolderFree() {
    try (FolderLock first = take()) {
      assertThatThrownBy(this::take)
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("another run is writing to %s (process ", folder)
          .hasMessageContaining("(process %d on", ProcessHandle.current().pid());
      first.requireHeld();
    }
    assertThat(owner).doesNotExist();
    take().close();
    assertThat(notices).isEmpty();
    assertThat(time.nanos).isZero();
  }

  @Test
  void aRunOfAnotherMachineThatBeatsIsWaitedFor() {
    write(elsewhere());
    time.happening = () -> write(elsewhere().beating(3 + time.nanos / FolderLock.BEAT.toNanos()));

    assertThatThrownBy(this::take)
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("another run is writing to %s (process 41 on node7)", folder);
    assertThat(notices).singleElement().asString().contains("held by process 41 on node7");
    // The refused run left nothing behind that would keep the owner from going on.
    assertThatThrownBy(this::take).hasMessageContaining("node7");
  }

  @Test
  void aRunOfAnotherMachineThatStandsStillIsTakenOverOnceThatIsSure() throws Exception {
    write(elsewhere());

    try (FolderLock lock = take()) {
      assertThat(time.nanos).isGreaterThanOrEqualTo(FolderLock.DEAD.toNanos());
      assertThat(found().token()).isNotEqualTo("their token");
      assertThat(found().pid()).isEqualTo(ProcessHandle.current().pid());
      assertThat(folder.resolve(FolderLock.TAKEOVER)).doesNotExist();
      lock.requireHeld();
    }
    assertThat(owner).doesNotExist();
  }

  @Test
  void halfAFileIsWatchedToo() throws Exception {
    Files.writeString(owner, "{\"host\":\"no");

    take().close();

    assertThat(time.nanos).isGreaterThanOrEqualTo(FolderLock.DEAD.toNanos());
  }

  @Test
  void aRunThatEndsWhileItIsWatchedLeavesTheFolderAtOnce() {
    write(elsewhere());
    time.happening = () -> owner.toFile().delete();

    take().close();

    assertThat(time.nanos).isLessThan(FolderLock.DEAD.toNanos());
  }

  @Test
  void aRunThatWasKilledHereIsNotWaitedFor() throws Exception {
    FolderOwner self = FolderOwner.self();
    write(new FolderOwner(self.host(), self.machine(), DEAD_PROCESS, "dead", self.beat()));

    try (FolderLock lock = take()) {
      lock.requireHeld();
      assertThat(found().token()).isNotEqualTo("dead");
    }
    assertThat(time.nanos).isZero();
    assertThat(notices).isEmpty();
  }

  @Test
  void whereLocksAreIgnoredALivingProcessOfThisMachineIsWatched() {
    FolderOwner self = FolderOwner.self();
    // Not its own lock: as if the operating system had let both pass.
    write(self);
    time.happening = () -> write(self.beating(9));

    assertThatThrownBy(this::take).hasMessageContaining("is writing to");
  }

  @Test
  void aRunThatStoodStillStopsByNameBeforeItWrites() throws Exception {
    FolderLock lock = take();
    time.nanos += FolderLock.LATELY.toNanos() - 1;
    write(elsewhere());
    // As young a beat needs no look at the disk.
    assertThatCode(lock::requireHeld).doesNotThrowAnyException();
    time.nanos += 1;

    assertThatThrownBy(lock::requireHeld)
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("was taken over by process 41 on node7");
    lock.beat();
    lock.close();
    assertThat(found()).as("the new owner's file").isEqualTo(elsewhere());
  }

  @Test
  void aMachineThatSleptLooksThoughItsClockDidNotCount() throws Exception {
    try (FolderLock lock = take()) {
      write(elsewhere());
      time.slept = 3_600_000;
      assertThatThrownBy(lock::requireHeld).hasMessageContaining("taken over");
    }
    assertThat(found()).isEqualTo(elsewhere());
  }

  @Test
  void anOwnerBeatsInPlace() throws Exception {
    try (FolderLock lock = take()) {
      String before = Files.readString(owner);
      lock.beat();
      String after = Files.readString(owner);
      assertThat(after).isNotEqualTo(before).hasSameSizeAs(before);
      assertThat(found().token()).isEqualTo(FolderOwner.parse(before).orElseThrow().token());
      time.nanos += FolderLock.DEAD.toNanos();
      lock.requireHeld();
      assertThat(Files.readString(owner)).isNotEqualTo(after);
    }
  }

  @Test
  void onlyOneTakesOver() throws Exception {
    write(elsewhere());
    Files.createFile(folder.resolve(FolderLock.TAKEOVER));

    assertThatThrownBy(this::take)
        .hasMessageContaining("just taking over")
        .hasMessageContaining(FolderLock.TAKEOVER);
    assertThat(found()).isEqualTo(elsewhere());
  }

  @Test
  void whoComesLateToATakeoverSeesTheNewOwner() {
    write(elsewhere());
    FolderOwner quicker = new FolderOwner("node8", "third boot", 7, "quicker", "").beating(1);
    time.happening =
        () -> {
          if (time.nanos >= FolderLock.DEAD.toNanos()) {
            write(quicker);
          }
        };

    assertThatThrownBy(this::take).hasMessageContaining("is writing to");
  }
}
