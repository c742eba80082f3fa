package dev.kvpress.compare.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/**
 * The process between a comparison and Spark. To the comparison it looks like one worker that takes
 * any number of contexts at once; to Spark it is the driver. It ends when its input does.
 */
public final class SparkBridge {
  private static final int FAILED = 1;

  /** Contexts that come one behind another make one job: among its tasks Spark can speculate. */
  private static final long QUIET_MILLIS = 100;

  /** Longer than Spark takes to end. */
  private static final long PATIENCE_SECONDS = 10;

  private final BridgeOptions options;
  private final WireOut out;
  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
  private volatile @Nullable JavaSparkContext running;
  private volatile boolean ended;

  private SparkBridge(BridgeOptions options, WireOut out) {
    this.options = options;
    this.out = out;
  }

  /** Runs until the comparison has no more contexts or is gone. */
  public static void main(String[] arguments) {
    PrintStream wire = System.out;
    // Whatever prints from here on is not of the wire.
    System.setOut(System.err);
    Interrupts.ignore();
    int code = 0;
    try (WireOut out = new WireOut(wire)) {
      try {
        new SparkBridge(BridgeOptions.of(arguments), out).run();
      } catch (Exception | LinkageError | OutOfMemoryError e) {
        // Spark throws exceptions that it does not declare.
        out.say(WireLine.fault(ClusterEnd.reason(e)));
        e.printStackTrace();
        code = FAILED;
      }
    }
    // Spark's threads would go on.
    System.exit(code);
  }

  private void run() throws IOException {
    SparkConf conf = ClusterConf.of(options.master(), options.conf());
    Thread reader = new Thread(this::read, "comparison");
    reader.setDaemon(true);
    reader.start();
    Optional<String> first = next();
    if (first.isEmpty()) {
      return;
    }
    WireLine open = WireLine.parse(first.get());
    if (!open.kind().equals(WireLine.OPEN)) {
      throw new IllegalArgumentException(
          "expected a line '%s', found: %s".formatted(WireLine.OPEN, open));
    }
    OwnJar own = OwnJar.make();
    conf.set("spark.jars", own.with(conf.get("spark.jars", "")));
    try (JavaSparkContext spark = context(conf)) {
      running = spark;
      ClusterNotes.watch(spark.sc(), conf, out);
      work(spark, conf, open);
    }
  }

  private void work(JavaSparkContext spark, SparkConf conf, WireLine open) throws IOException {
    try {
      Program program = program(spark);
      WorkerPlan plan =
          new WorkerPlan(
              open.toString(),
              program,
              options.installed(),
              options.main(),
              options.arguments(),
              options.javaOptions(),
              options.cache(),
              ClusterConf.threads(conf));
      serve(new ContextJobs(spark, plan, ClusterConf.tries(conf), out));
    } catch (Exception e) {
      // Also what Spark does not declare. Where it was stopped from outside, anything fails next.
      if (ended || !spark.sc().isStopped()) {
        throw e;
      }
      throw new IllegalStateException(fault(e), e);
    }
  }

  private JavaSparkContext context(SparkConf conf) {
    try {
      return new JavaSparkContext(conf);
    } catch (Exception | LinkageError e) {
      throw new IllegalStateException(ClusterEnd.atStart(options.master(), e), e);
    }
  }

  /** Sends the program to the executors unless they have it. */
  private Program program(JavaSparkContext spark) throws IOException {
    if (!options.installed().isEmpty()) {
      return new Program("", List.of());
    }
    Program program = Program.of(options.classPath());
    Path folder =
        new HostCache(HostCache.path(options.cache()), text -> out.say(WireLine.note(text)))
            .folder(
                program.name() + "-sent",
                part -> {
                  try (OutputStream file = Files.newOutputStream(part.resolve(program.file()))) {
                    Program.write(options.classPath(), file);
                  }
                });
    spark.addFile(folder.resolve(program.file()).toString());
    return program;
  }

  private void serve(ContextJobs jobs) {
    if (ended) {
      return;
    }
    WireLine ready;
    try {
      ready = jobs.open();
    } catch (Exception e) {
      // Also what Spark does not declare.
      if (ended) {
        return;
      }
      throw e;
    }
    out.say(ready);
    if (!ready.kind().equals(WireLine.READY)) {
      return;
    }
    String schedule = ready.text(ContextTask.SCHEDULE);
    while (true) {
      List<WireLine> batch = batch();
      if (batch.isEmpty()) {
        return;
      }
      Thread job =
          new Thread(
              () -> {
                try {
                  jobs.run(batch, schedule);
                } catch (Exception | LinkageError | OutOfMemoryError e) {
                  if (!ended) {
                    out.say(WireLine.fault(fault(e)));
                  }
                  // As the end of the comparison's lines: nothing more can be done.
                  lines.add(Optional.empty());
                }
              },
              "job");
      job.setDaemon(true);
      job.start();
    }
  }

  private String fault(Throwable e) {
    JavaSparkContext spark = running;
    return spark != null && spark.sc().isStopped()
        ? ClusterEnd.byMaster(options.master(), e)
        : ClusterEnd.reason(e);
  }

  /** Contexts that have come together; none when there will be none any more. */
  private List<WireLine> batch() {
    List<WireLine> batch = new ArrayList<>();
    Optional<String> line = next();
    while (line != null) {
      if (line.isEmpty()) {
        return List.of();
      }
      batch.add(WireLine.parse(line.get()));
      try {
        line = lines.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return List.of();
      }
    }
    return batch;
  }

  private Optional<String> next() {
    try {
      return lines.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private void read() {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (WireLine.parse(line).kind().equals(WireLine.END)) {
          break;
        }
        lines.add(Optional.of(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the comparison's lines cannot be read", e);
    } finally {
      end();
    }
    endAnyway();
  }

  /** What is under way is for nobody. */
  private void end() {
    ended = true;
    lines.add(Optional.empty());
    JavaSparkContext spark = running;
    if (spark != null) {
      spark.sc().cancelAllJobs();
    }
  }

  /** Nobody is there any more: what still waits for a master or an executor waits for nothing. */
  private static void endAnyway() {
    try {
      TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(FAILED);
  }
}
