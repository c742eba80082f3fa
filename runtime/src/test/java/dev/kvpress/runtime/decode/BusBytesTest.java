package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.kernels.CudaKernels;
import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.ort.HostTensor;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes of host tensors that docs/cuda.md counts; on a GPU each of them crosses the bus. */
class BusBytesTest {
  private static final Path MODEL = Path.of("../test-data/models/demo");
  private static final int CHUNK = 64;
  private static final int PROMPT = 3 * CHUNK;

  /** Id, position and mask of a new token, 8 bytes each. */
  private static final long NEW_TOKEN = 24;

  @TempDir static Path cache;

  private final Counter counter = new Counter();

  @Test
  void aStepSendsTheCacheWithItsBiasAndFetchesItOneTokenLonger() {
    try (DecoderModel model = open();
        Context context = model.start(1, Set.of()).allowFused(8)) {
      context.prefill(ids(model, PROMPT), CHUNK);
      counter.reset();
      context.forward(5);
      assertStep(model, PROMPT);
    }
  }

  @Test
  void whatIsCutFromTheCacheIsCutFromTheBus() {
    ModelPress press = PressCatalog.load().make("h2o(local_window_size=8)").press();
    try (DecoderModel model = open();
        Context context = model.start(1, press.needs()).allowFused(8)) {
      context.prefill(ids(model, PROMPT), CHUNK);
      context.compress(press, Budget.ratio(0.75));
      context.stopObserving();
      counter.reset();
      context.forward(5);
      assertStep(model, PROMPT / 4);
    }
  }

  private void assertStep(DecoderModel model, int tokens) {
    DecoderInfo info = model.info();
    long perToken = model.cacheBytesPerToken() + 4L * info.layers() * info.kvHeads();
    assertThat(counter.in).isEqualTo(tokens * perToken + NEW_TOKEN);
    assertThat(counter.out)
        .isEqualTo((tokens + 1L) * model.cacheBytesPerToken() + 4L * info.vocabulary());
  }

  @Test
  void chunksSendAllBeforeThemAndFetchAllUpToTheirEnd() {
    assertPrefill("baseline", 0);
    // 4·L·H·T: column sums.
    assertPrefill("h2o", 4L * 4 * 6);
  }

  private void assertPrefill(String spec, long signalBytesPerColumn) {
    ModelPress press = PressCatalog.load().make(spec).press();
    counter.reset();
    try (DecoderModel model = open();
        Context context = model.start(1, press.needs()).allowFused(8)) {
      DecoderInfo info = model.info();
      context.prefill(ids(model, PROMPT), CHUNK);
      long past = CHUNK + 2 * CHUNK;
      long total = CHUNK + 2 * CHUNK + 3 * CHUNK;
      long perToken = model.cacheBytesPerToken();
      assertThat(counter.in).isEqualTo(past * perToken + NEW_TOKEN * PROMPT);
      assertThat(counter.out)
          .isEqualTo(total * (perToken + signalBytesPerColumn) + 3 * 4L * info.vocabulary());
    }
  }

  private DecoderModel open() {
    return DecoderModel.open(MODEL, DecodeFixtures.oneThread(cache), counter);
  }

  private static int[] ids(DecoderModel model, int tokens) {
    int[] ids = new int[tokens];
    Arrays.setAll(ids, i -> 3 + i * 7 % (model.info().vocabulary() - 3));
    return ids;
  }

  /** Sessions of the processor, over the graphs that a GPU would be given. */
  private static final class Counter implements SessionFactory {
    private final SessionFactory real = new OrtSessionFactory(Provider.CPU, 0, 1);
    private long in;
    private long out;

    void reset() {
      in = 0;
      out = 0;
    }

    private static long bytes(Collection<HostTensor> tensors) {
      return tensors.stream().mapToLong(tensor -> tensor.data().capacity()).sum();
    }

    @Override
    public StepSession open(TappedGraph graph) {
      StepSession session = real.open(graph);
      return new StepSession() {
        @Override
        public void run(Map<String, HostTensor> inputs, Map<String, HostTensor> outputs) {
          in += bytes(inputs.values());
          out += bytes(outputs.values());
          session.run(inputs, outputs);
        }

        @Override
        public Map<String, HostTensor> read(Map<String, HostTensor> inputs, Set<String> wanted) {
          return session.read(inputs, wanted);
        }

        @Override
        public long engineNanos() {
          return session.engineNanos();
        }

        @Override
        public void close() {
          session.close();
        }
      };
    }

    @Override
    public List<Fallback> fallbacks(TappedGraph graph) {
      return CudaKernels.fallbacks(graph.model());
    }

    @Override
    public String provider() {
      return real.provider();
    }

    @Override
    public String version() {
      return real.version();
    }
  }
}
