package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.scale.worker.Line;
import dev.kvpress.compare.scale.worker.WorkerLoop;
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
    name = "worker",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Started by compare --workers.")
final class WorkerCommand implements Action {

  @Override
  public int run(Console console, Problems problems) {
    problems.throwIfAny();
    PrintStream before = System.out;
    // Nothing but messages may come out there.
    System.setOut(console.err());
    // Ctrl-C goes to all processes of a terminal; what it means to this one is said on its input,
    // and when that ends, whoever gave it work is gone.
    try (Signals signals = Signals.ignoreInterrupts()) {
      WorkerLoop loop =
          new WorkerLoop(
              console.in(), console.out(), () -> Runtime.getRuntime().halt(ExitCode.OK));
      return serve(loop);
    } finally {
      System.setOut(before);
    }
  }

  private static int serve(WorkerLoop loop) {
    Line.Open open = loop.open();
    try {
      job(open.arguments()).serve(loop, open);
      return ExitCode.OK;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError | LinkageError e) {
      loop.fault(Main.words(e));
      throw e;
    }
  }

  private static ComparisonJob job(List<String> arguments) {
    Problems problems = new Problems();
    Invocation invocation = Invocation.read(arguments.toArray(new String[0]), problems);
    CommandLine.ParseResult result = invocation.result();
    ParseErrors.collect(result, problems);
    CompareCommand compare = (CompareCommand) result.commandSpec().userObject();
    return compare.job(problems, line -> {}, conditions -> {}, Optional::empty);
  }
}
