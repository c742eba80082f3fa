package dev.kvpress.runtime.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.ModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
  private static final long MIB = 1L << 20;

  @Test
  void memoryIsUsedAgain() {
    BufferPool pool = new BufferPool();
    PooledBuffer first = pool.take(10_000);
    first.bytes().putInt(0, 42);
    first.release();
    assertThat(pool.liveBytes()).isZero();
    PooledBuffer second = pool.take(9_000);
    assertThat(second.bytes().getInt(0)).isEqualTo(42);
    assertThat(pool.idleBytes()).isZero();
    assertThat(pool.peakBytes()).isEqualTo(first.capacity());
  }

  @Test
  void aMuchLargerBufferIsNotWastedOnALittleOne() {
    BufferPool pool = new BufferPool();
    pool.take(MIB).release();
    assertThat(pool.take(MIB / 2).capacity()).isLessThan((int) MIB);
  }

  @Test
  void whatIsTakenIsAtMostAnEighthLarger() {
    BufferPool pool = new BufferPool();
    for (long bytes : new long[] {1, 4096, 4097, 100_000, 1_000_003, 5_000_000}) {
      PooledBuffer buffer = pool.take(bytes);
      assertThat((long) buffer.capacity()).isBetween(bytes, bytes + Math.max(4096, bytes / 8));
      assertThat(buffer.first(bytes).capacity()).isEqualTo((int) bytes);
      assertThat(buffer.first(bytes).order()).isEqualTo(ByteOrder.nativeOrder());
    }
    assertThat(pool.take(0).first(0).capacity()).isZero();
  }

  @Test
  void aCacheThatGrowsStepByStepLeavesNoTrailOfBuffers() {
    BufferPool pool = new BufferPool();
    PooledBuffer held = pool.take(4 * MIB);
    for (int step = 1; step <= 300; step++) {
      PooledBuffer next = pool.take(4 * MIB + step * 50_000L);
      held.release();
      held = next;
      assertThat(pool.liveBytes() + pool.idleBytes())
          .isLessThanOrEqualTo(Math.max(pool.peakBytes(), 16 * MIB));
    }
    held.release();
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void memoryReturnsWithTheLastHolder() {
    BufferPool pool = new BufferPool();
    PooledBuffer buffer = pool.take(1);
    assertThat(buffer.isOwnedAlone()).isTrue();
    buffer.retain();
    assertThat(buffer.isOwnedAlone()).isFalse();
    buffer.release();
    assertThat(pool.liveBytes()).isPositive();
    buffer.release();
    assertThat(pool.liveBytes()).isZero();
    assertThatThrownBy(buffer::release).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(buffer::retain).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void twoGibibytesAreRefusedInWords() {
    assertThatThrownBy(() -> new BufferPool().take(1L << 31))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("2147483648 bytes")
        .hasMessageContaining("shorter context");
  }

  @Test
  void idleMemoryIsDroppedOldestFirst() {
    BufferPool pool = new BufferPool();
    List<PooledBuffer> early = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      early.add(pool.take(3 * MIB));
    }
    early.forEach(PooledBuffer::release);
    PooledBuffer other = pool.take(17 * MIB);
    assertThat(pool.liveBytes() + pool.idleBytes()).isLessThanOrEqualTo(pool.peakBytes());
    other.release();
    assertThat(pool.idleBytes()).isLessThanOrEqualTo(pool.peakBytes());
  }

  @Test
  void whatABurstHasNeededIsNotKeptForEver() {
    BufferPool pool = new BufferPool();
    List<PooledBuffer> burst = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      burst.add(pool.take(MIB));
    }
    burst.forEach(PooledBuffer::release);
    assertThat(pool.idleBytes()).isEqualTo(64 * MIB);
    for (int i = 0; i < 2 * BufferPool.PERIOD; i++) {
      pool.take(MIB).release();
    }
    assertThat(pool.idleBytes()).isLessThanOrEqualTo(16 * MIB);
    assertThat(pool.peakBytes()).isEqualTo(64 * MIB);
  }

  @Test
  void theSmallestThatFitsIsTakenAndNothingIsKeptOnceItIsClosed() {
    BufferPool pool = new BufferPool();
    List<PooledBuffer> sizes = new ArrayList<>();
    for (int kib : new int[] {112, 104, 96, 120, 104}) {
      PooledBuffer buffer = pool.take(kib << 10);
      buffer.bytes().putInt(0, sizes.size());
      sizes.add(buffer);
    }
    sizes.forEach(PooledBuffer::release);
    PooledBuffer first = pool.take(100 << 10);
    assertThat(first.bytes().getInt(0)).isEqualTo(4);
    assertThat(pool.take(100 << 10).bytes().getInt(0)).isEqualTo(1);
    assertThat(pool.take(100 << 10).bytes().getInt(0)).isEqualTo(0);
    pool.close();
    assertThat(pool.idleBytes()).isZero();
    first.release();
    assertThat(pool.idleBytes()).isZero();
    pool.take(100).release();
  }

  @Test
  void manyThreadsNeverShareABuffer() throws InterruptedException {
    BufferPool pool = new BufferPool();
    AtomicInteger faults = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      int mark = t;
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 2000; i++) {
                  PooledBuffer buffer = pool.take(1 + i % 7 * 3000);
                  buffer.bytes().putInt(0, mark);
                  Thread.yield();
                  if (buffer.bytes().getInt(0) != mark) {
                    faults.incrementAndGet();
                  }
                  buffer.release();
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(faults).hasValue(0);
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void cachesCutOneAfterAnotherMoveIntoEachOthersMemory() {
    List<Integer> allocated = new ArrayList<>();
    BufferPool pool = counting(allocated);
    List<PooledBuffer> layers = new ArrayList<>();
    for (int l = 0; l < 16; l++) {
      layers.add(pool.take(4 * MIB));
    }
    List<PooledBuffer> cut = new ArrayList<>();
    for (PooledBuffer layer : layers) {
      PooledBuffer smaller = pool.take(8 * MIB / 5);
      smaller.bytes().putInt(0, cut.size());
      cut.add(smaller);
      layer.release();
    }
    assertThat(allocated).hasSize(17);
    for (int l = 0; l < cut.size(); l++) {
      // Each lies in memory of its own.
      assertThat(cut.get(l).bytes().getInt(0)).isEqualTo(l);
    }
    cut.forEach(PooledBuffer::release);
    assertThat(pool.liveBytes()).isZero();
    // The parts have joined again.
    for (int l = 0; l < 16; l++) {
      pool.take(4 * MIB);
    }
    assertThat(allocated).hasSize(17);
  }

  @Test
  void largeMemoryIsNotDividedForLittle() {
    List<Integer> allocated = new ArrayList<>();
    BufferPool pool = counting(allocated);
    pool.take(32 * MIB).release();
    pool.take(MIB);
    assertThat(allocated).hasSize(2);
  }

  private static BufferPool counting(List<Integer> allocated) {
    return new BufferPool(
        size -> {
          allocated.add(size);
          return ByteBuffer.allocateDirect(size);
        });
  }
}
