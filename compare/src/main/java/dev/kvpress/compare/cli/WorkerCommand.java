package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.Comparison;
import dev.kvpress.compare.run.Piecework;
import dev.kvpress.compare.run.Progress;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.StoppedException;
import dev.kvpress.compare.run.Work;
import dev.kvpress.compare.scale.worker.Line;
import dev.kvpress.compare.scale.worker.WireLog;
import dev.kvpress.compare.scale.worker.WorkerLoop;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The other side of {@code --workers}: prepares the comparison whose arguments it is told on
 * standard input, and goes through the contexts that it is given. Nobody calls it by hand.
 */
@Command(
    name = WorkerCommand.NAME,
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Started by compare --workers.")
final class WorkerCommand implements Action {
  static final String NAME = "worker";

  @Override
  public int run(Console console, Problems problems) {
    problems.throwIfAny();
    PrintStream before = System.out;
    // Nothing but messages may come out there.
    System.setOut(console.err());
    // Ctrl-C goes to all processes of a terminal; what it means to this one is said on its input,
    // and when that ends, whoever gave it work is gone.
    WorkerLoop loop =
        new WorkerLoop(console.in(), console.out(), () -> Runtime.getRuntime().halt(ExitCode.OK));
    Signals signals = Signals.ofWorker(loop::end);
    try {
      return serve(loop);
    } finally {
      signals.close();
      System.setOut(before);
    }
  }

  private static int serve(WorkerLoop loop) {
    Line.Open open = loop.open();
    try {
      serve(loop, open, job(open.arguments()));
    } catch (StoppedException e) {
      // As it was told.
      return ExitCode.OK;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError | LinkageError e) {
      loop.fault(Main.words(e));
      throw e;
    }
    return ExitCode.OK;
  }

  private static ComparisonJob job(List<String> arguments) {
    Problems problems = new Problems();
    CommandLine.ParseResult result =
        Invocation.read(arguments.toArray(new String[0]), problems).result();
    ParseErrors.collect(result, problems);
    CompareCommand compare = (CompareCommand) result.commandSpec().userObject();
    return compare.check(line -> {}, problems).job();
  }

  private static void serve(WorkerLoop loop, Line.Open open, ComparisonJob job) {
    DecoderOptions options = job.settings().options();
    SessionFactory sessions =
        new OrtSessionFactory(options.provider(), options.device(), open.parts()).yielding();
    Optional<Tokenizer> tokenizer = Tokenizers.find(job.settings().model());
    try (DecoderModel model =
        DecoderModel.open(job.settings().model(), options.withThreads(open.threads()), sessions)) {
      // What there is to say of model, data and outcomes is said by whoever takes the outcomes.
      // Keys are those of the run, whose engine divides its work into as many parts.
      RunSettings settings = job.settings().with(options.withThreads(open.parts()));
      Comparison comparison = new Comparison(settings, job.cells(), Progress.SILENT);
      Work work =
          comparison.work(
              model, tokenizer, comparison.prepare(model, tokenizer), job.program(), job.shard());
      Piecework pieces = work.pieces(new WireLog(loop), loop::isEnding);
      loop.serve(work.digest(), pieces::run);
    }
  }
}
