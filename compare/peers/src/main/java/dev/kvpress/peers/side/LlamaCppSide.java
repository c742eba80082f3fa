package dev.kvpress.peers.side;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.CacheType;
import de.kherud.llama.args.Sampler;
import dev.kvpress.compare.bench.Figures;
import dev.kvpress.peers.gguf.TokenText;
import java.io.IOException;

/** Child process: llama.cpp through its Java binding. */
public final class LlamaCppSide {
  /** Slots beyond the work. */
  private static final int SLACK = 500;

  /** Prompts longer than this are handed over in pieces. */
  private static final int BATCH = 2048;

  private LlamaCppSide() {}

  /**
   * Arguments: GGUF file, whether caches are float32 (as ours are) or float16 (its default),
   * workload.
   */
  public static void main(String[] args) throws IOException {
    Workload work = Workload.parse(args, 2);
    CacheType caches = Boolean.parseBoolean(args[1]) ? CacheType.F32 : CacheType.F16;
    ModelParameters parameters =
        new ModelParameters()
            .setModel(args[0])
            .setThreads(work.threads())
            .setThreadsBatch(work.threads())
            .setCtxSize(work.tokens() + work.newTokens() + SLACK)
            .setBatchSize(BATCH)
            .setUbatchSize(work.chunk())
            .setCacheTypeK(caches)
            .setCacheTypeV(caches)
            .setGpuLayers(0)
            .setParallel(1)
            .disableContextShift();
    LlamaModel model = new LlamaModel(parameters);
    generate(model, work, work.warmUp());
    System.out.println(new Figures(generate(model, work, work.prompt()).figures()).toLine());
    // Not closed: closing the model never returned, nor does the process end while it is open.
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static PeerClock generate(LlamaModel model, Workload work, int[] prompt) {
    InferenceParameters parameters =
        new InferenceParameters(TokenText.of(prompt))
            .setNPredict(work.newTokens() + 1)
            .setTemperature(0)
            .setSamplers(Sampler.TOP_K)
            .setTopK(1)
            .setRepeatPenalty(1)
            .setCachePrompt(false)
            .setIgnoreEos(true);
    PeerClock clock = PeerClock.start();
    for (LlamaOutput output : model.generate(parameters)) {
      // The last one only says that it is over.
      for (int id : TokenText.ids(output.text)) {
        clock.token(id);
      }
    }
    return clock;
  }
}
