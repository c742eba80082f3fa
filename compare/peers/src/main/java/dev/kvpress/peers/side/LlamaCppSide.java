package dev.kvpress.peers.side;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.LogFormat;
import de.kherud.llama.args.Sampler;
import dev.kvpress.compare.bench.Figures;
import dev.kvpress.peers.gguf.TokenText;
import java.io.IOException;

/** Child process: llama.cpp through its Java binding. */
public final class LlamaCppSide {
  /** Slots beyond the work; without any slack a generation never ended. */
  private static final int SLACK = 500;

  /** Prompts longer than this are handed over in pieces; with 512 a generation never ended. */
  private static final int BATCH = 2048;

  private LlamaCppSide() {}

  /** Arguments: GGUF file, workload. */
  public static void main(String[] args) throws IOException {
    Workload work = Workload.parse(args, 1);
    LlamaModel.setLogger(LogFormat.TEXT, (level, message) -> {});
    ModelParameters parameters =
        new ModelParameters()
            .setModel(args[0])
            .setThreads(work.threads())
            .setThreadsBatch(work.threads())
            .setCtxSize(work.tokens() + work.newTokens() + SLACK)
            .setBatchSize(BATCH)
            .setUbatchSize(work.chunk())
            .setGpuLayers(0)
            .setParallel(1)
            .disableContextShift();
    try (LlamaModel model = new LlamaModel(parameters)) {
      generate(model, work, work.warmUp());
      System.out.println(new Figures(generate(model, work, work.prompt()).figures()).toLine());
    }
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
