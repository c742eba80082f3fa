import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.tensor.AbstractTensor;
import com.github.tjake.jlama.tensor.KvBufferCache;
import dev.kvpress.compare.bench.Figures;
import dev.kvpress.peers.side.PeerClock;
import dev.kvpress.peers.side.Workload;
import java.io.File;
import java.util.Optional;

/**
 * Child process: Jlama. A file of its own that the newer Java machine compiles as it starts, since
 * Jlama's classes cannot be read by the compiler of the project's version.
 */
public final class JlamaSide {
  private JlamaSide() {}

  /** Arguments: type of the folder's weights (F32 or Q4), model folder, work folder, workload. */
  public static void main(String[] args) throws Exception {
    DType type = DType.valueOf(args[0]);
    Workload work = Workload.parse(args, 3);
    // 8-bit beside 4-bit weights, as its own command line has it.
    DType activations = type == DType.F32 ? DType.F32 : DType.I8;
    try (AbstractModel model =
        ModelSupport.loadModel(
            new File(args[1]),
            new File(args[2]),
            DType.F32,
            activations,
            Optional.empty(),
            Optional.of(work.threads()))) {
      generate(model, work, work.warmUp());
      System.out.println(new Figures(generate(model, work, work.prompt()).figures()).toLine());
    }
  }

  private static PeerClock generate(AbstractModel model, Workload work, int[] prompt)
      throws Exception {
    try (KvBufferCache caches = new KvBufferCache(model);
        KvBufferCache.KvBuffer cache = caches.getEphemeralKvBuffer();
        AbstractTensor logits = model.makeDenseTensor(model.getConfig().vocabularySize)) {
      PeerClock clock = PeerClock.start();
      AbstractTensor states = model.batchForward(prompt, 0, cache);
      int next = model.sample(states.slice(states.shape().first() - 1), 0, 0, logits);
      states.close();
      clock.token(next);
      for (int i = 0; i < work.newTokens(); i++) {
        AbstractTensor state = model.forward(next, prompt.length + i, cache, Optional.empty());
        next = model.sample(state, 0, 0, logits);
        state.close();
        clock.token(next);
      }
      return clock;
    }
  }
}
