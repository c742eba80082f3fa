package dev.kvpress.compare.scale.worker;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A worker that behaves badly when told to. Arguments: a folder in which it remembers across
 * processes what it has done already, then what is to happen, as {@code WHAT@CONTEXT} (once) or
 * {@code WHAT@CONTEXT!} (every time).
 */
final class StandInWorker {
  static final String SCHEDULE = "stand-in";

  private final Path memory;
  private final Set<String> plans;
  private final PrintStream out;
  private final WorkerLoop loop;

  private StandInWorker(Path memory, Set<String> plans, PrintStream out, WorkerLoop loop) {
    this.loop = loop;
    this.memory = memory;
    this.plans = plans;
    this.out = out;
  }

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    WorkerLoop loop = new WorkerLoop(System.in, out, () -> Runtime.getRuntime().halt(0));
    Line.Open open = loop.open();
    StandInWorker self =
        new StandInWorker(
            Path.of(open.arguments().get(0)),
            Set.copyOf(open.arguments().subList(1, open.arguments().size())),
            out,
            loop);
    if (self.happens("die", -1)) {
      System.err.println("cannot find the model");
      System.exit(7);
    }
    if (self.happens("fault", -1)) {
      loop.fault("the model is not what it was");
      System.exit(1);
    }
    loop.serve(self.happens("other", -1) ? "other" : SCHEDULE, self::work);
    System.exit(0);
  }

  private int work(int context, List<String> keys) {
    try {
      for (int k = 0; k < keys.size() && !loop.isEnding(); k++) {
        if (happens("tell", context)) {
          loop.say(Line.of(Line.BEGUN, new Line.Begun(keys.get(k))));
        }
        if (happens("first", context)) {
          Runtime.getRuntime().halt(137);
        }
        if (keys.get(k).endsWith(".1")) {
          misbehave(context, keys.get(k));
        }
        if (!happens("swallow", context)) {
          loop.say(new Line(Line.DONE, "{\"key\":\"" + keys.get(k) + "\"}"));
        }
        if (happens("slow", context)) {
          Thread.sleep(100);
        }
      }
      if (happens("late", context)) {
        Runtime.getRuntime().halt(9);
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return 1;
  }

  private void misbehave(int context, String key) throws Exception {
    if (happens("die", context)) {
      System.err.println("out of luck");
      Runtime.getRuntime().halt(137);
    }
    if (happens("die2", context)) {
      Runtime.getRuntime().halt(137);
    }
    if (happens("tear", context)) {
      out.print("done {\"key\":\"" + key + "\"}");
      out.flush();
      Runtime.getRuntime().halt(137);
    }
    if (happens("babble", context)) {
      out.print("a native library says something\nwithout an end of line");
      out.flush();
    }
    if (happens("hang", context)) {
      Thread.sleep(Long.MAX_VALUE);
    }
    if (happens("lose", context)) {
      out.print("lost {\"context\":%d,\"message\":\"no luck elsewhere\"}\n".formatted(context));
      out.flush();
    }
  }

  /** Whether it is planned, and has not happened yet. */
  private boolean happens(String what, int context) throws Exception {
    String plan = what + "@" + context;
    if (plans.contains(plan + "!")) {
      return true;
    }
    if (!plans.contains(plan)) {
      return false;
    }
    try {
      Files.createFile(memory.resolve(plan));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }
}
