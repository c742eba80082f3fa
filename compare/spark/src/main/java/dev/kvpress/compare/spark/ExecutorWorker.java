package dev.kvpress.compare.spark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;

/**
 * The one worker of an executor: its engine holds the model for all tasks that come by, which it
 * serves one at a time. It ends with the executor, since its input does.
 */
final class ExecutorWorker {
  private static final String VECTORS = "jdk.incubator.vector";
  private static final long LEAST_HEAP = 512L << 20;

  /** Machines with less memory for Java than this share of theirs are the usual ones. */
  private static final int SHARE_OF_MEMORY = 4;

  private static final ExecutorWorker INSTANCE = new ExecutorWorker();

  private final ReentrantLock turn = new ReentrantLock();

  /** What the comparison has still to be told. */
  private final Queue<String> notes = new ConcurrentLinkedQueue<>();

  private @Nullable WorkerProcess process;
  private @Nullable WireLine ready;

  private ExecutorWorker() {}

  static ExecutorWorker instance() {
    return INSTANCE;
  }

  /**
   * Starts the worker if there is none.
   *
   * @return the line in which it says that it is ready
   */
  String open(WorkerPlan plan, TaskView task) throws InterruptedException {
    turn.lockInterruptibly();
    try {
      ensure(plan, task);
      return String.valueOf(ready);
    } finally {
      turn.unlock();
    }
  }

  /**
   * Has a context worked on.
   *
   * @param line names it
   * @param schedule what the first worker is ready for; others must be ready for the same
   * @return what the worker says to it, the last line being that it is finished
   * @throws WorkerFailure if it does not come so far
   */
  List<String> run(WorkerPlan plan, TaskView task, WireLine line, String schedule)
      throws InterruptedException {
    turn.lockInterruptibly();
    boolean done = false;
    try {
      WorkerProcess worker = ensure(plan, task);
      requireSame(schedule);
      List<String> answer = answer(worker, task, line);
      for (String note = notes.poll(); note != null; note = notes.poll()) {
        answer.add(0, WireLine.note(note).toString());
      }
      done = true;
      return answer;
    } finally {
      if (!done) {
        // Dead, or amid a context that nobody waits for: the next task begins with a new one.
        end();
      }
      turn.unlock();
    }
  }

  private void requireSame(String schedule) {
    String own = ready == null ? "" : ready.text(ContextTask.SCHEDULE);
    if (!own.equals(schedule)) {
      throw new WorkerFailure(
          false,
          "its model, data or program are not those of the first worker (schedule %s, expected %s)"
              .formatted(own, schedule));
    }
  }

  private static List<String> answer(WorkerProcess worker, TaskView task, WireLine line)
      throws InterruptedException {
    int context = line.context();
    send(worker, line);
    List<String> answer = new ArrayList<>();
    while (true) {
      WireLine said = next(worker, task.unwanted(), true);
      if (said.kind().equals(WireLine.FAULT)) {
        throw new WorkerFailure(true, said.text("message"));
      }
      answer.add(said.toString());
      if (said.kind().equals(WireLine.FINISHED) && said.context() == context) {
        return answer;
      }
    }
  }

  private static void send(WorkerProcess worker, WireLine line) {
    try {
      worker.send(line);
    } catch (IOException e) {
      throw new WorkerFailure(true, "the worker " + worker.end());
    }
  }

  private static WireLine next(WorkerProcess worker, BooleanSupplier unwanted, boolean started)
      throws InterruptedException {
    Optional<WireLine> line = worker.next(unwanted);
    return line.orElseThrow(() -> new WorkerFailure(started, "the worker " + worker.end()));
  }

  private WorkerProcess ensure(WorkerPlan plan, TaskView task) throws InterruptedException {
    WorkerProcess running = process;
    if (running != null && running.isAlive()) {
      return running;
    }
    end();
    WorkerProcess started = null;
    try {
      ObjectNode open = localOpen(plan);
      started = start(plan, open, task);
      process = started;
      started.send(WireLine.of(WireLine.OPEN, open));
      ready = awaitReady(started, task);
      return started;
    } catch (IOException | UncheckedIOException e) {
      end();
      throw new WorkerFailure(false, "the worker cannot start: " + e.getMessage());
    } catch (WorkerFailure | InterruptedException e) {
      end();
      throw e;
    }
  }

  private static WireLine awaitReady(WorkerProcess worker, TaskView task)
      throws InterruptedException {
    while (true) {
      WireLine said = next(worker, task.unwanted(), false);
      if (said.kind().equals(WireLine.READY)) {
        return said;
      }
      if (said.kind().equals(WireLine.FAULT)) {
        throw new WorkerFailure(false, said.text("message"));
      }
    }
  }

  /** As the comparison opens its workers, but for what lies elsewhere on this host. */
  private static ObjectNode localOpen(WorkerPlan plan) {
    ObjectNode open = WireLine.parse(plan.open()).object();
    RemoteFiles remote =
        new RemoteFiles(SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf()));
    LocalArguments.of(open, remote, cache(plan));
    return open.put("threads", plan.threads());
  }

  private static HostCache cache(WorkerPlan plan) {
    return new HostCache(
        HostCache.path(plan.cache()),
        text -> {
          System.err.println(text);
          INSTANCE.notes.add(ContextTask.place() + text);
        });
  }

  private static WorkerProcess start(WorkerPlan plan, ObjectNode open, TaskView task)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (ModuleFinder.ofSystem().find(VECTORS).isPresent()) {
      command.addAll(List.of("--add-modules", VECTORS));
    }
    command.add("-XX:+UseSerialGC");
    // Whatever counts cores counts those of the executor.
    command.add("-XX:ActiveProcessorCount=" + plan.threads());
    if (plan.options().stream().noneMatch(option -> option.startsWith("-Xmx"))) {
      command.add("-Xmx" + heap(plan.threads()));
    }
    command.addAll(plan.options());
    command.addAll(List.of("-cp", classPath(plan), plan.main()));
    command.addAll(plan.arguments());
    ProcessBuilder builder = new ProcessBuilder(command);
    File directory = new File(open.path("directory").asText("."));
    if (directory.isDirectory()) {
      builder.directory(directory);
    }
    Map<String, String> environment = builder.environment();
    environment.put("ORT_DISABLE_TELEMETRY", "1");
    ResourceInformation gpu = task.resources().get("gpu");
    if (gpu != null) {
      environment.put("CUDA_VISIBLE_DEVICES", String.join(",", gpu.addresses()));
    }
    return new WorkerProcess(builder);
  }

  /** A quarter of the memory, as Java takes it, divided as the cores are. */
  private static long heap(int threads) {
    if (!(ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean machine)) {
      return LEAST_HEAP;
    }
    int cores = Math.max(threads, machine.getAvailableProcessors());
    return Math.max(LEAST_HEAP, machine.getTotalMemorySize() / SHARE_OF_MEMORY / cores * threads);
  }

  private static String classPath(WorkerPlan plan) throws IOException {
    if (!plan.installed().isEmpty()) {
      Path target = Path.of(plan.installed(), "compare", "target");
      if (!Files.isDirectory(target.resolve("classes"))) {
        throw new IOException(
            "--installed: expected the program built in %s on this host, found no %s"
                .formatted(plan.installed(), target.resolve("classes")));
      }
      return target.resolve("classes") + File.pathSeparator + target.resolve("lib") + "/*";
    }
    Program program = plan.program();
    Path archive = Path.of(SparkFiles.get(program.file()));
    return program.classPath(
        cache(plan).folder(program.name(), folder -> Program.unpack(archive, folder)));
  }

  private void end() {
    if (process != null) {
      process.close();
      process = null;
    }
    ready = null;
  }
}
