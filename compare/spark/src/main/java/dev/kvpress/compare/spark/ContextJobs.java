package dev.kvpress.compare.spark;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Function2;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/** Runs contexts as jobs of Spark, each context a task, and passes on what comes back. */
final class ContextJobs {
  /** The words in which Spark ends a job; there is no other way to learn of which task. */
  private static final Pattern FAILED_TASK = Pattern.compile("Task (\\d+) in stage ");

  private static final ClassTag<String[]> LINES = ClassTag$.MODULE$.apply(String[].class);

  private final JavaSparkContext spark;
  private final WorkerPlan plan;
  private final int tries;
  private final WireOut out;

  ContextJobs(JavaSparkContext spark, WorkerPlan plan, int tries, WireOut out) {
    this.spark = spark;
    this.plan = plan;
    this.tries = tries;
    this.out = out;
  }

  /**
   * Opens the worker of one executor.
   *
   * @return the line in which it says that it is ready, or why nothing works
   */
  WireLine open() {
    List<WireLine> answer = new ArrayList<>();
    job(List.of(""), "", (place, lines) -> answer.add(WireLine.parse(lines[0])));
    return answer.get(0);
  }

  /** What becomes of one line. */
  private interface Sink {
    void take(int place, String[] lines);
  }

  private void job(List<String> lines, String schedule, Sink sink) {
    Function2<Object, String[], BoxedUnit> handler =
        (place, answer) -> {
          sink.take((Integer) place, answer);
          return BoxedUnit.UNIT;
        };
    List<Object> places = new ArrayList<>(IntStream.range(0, lines.size()).boxed().toList());
    spark
        .sc()
        .runJob(
            spark.parallelize(lines, lines.size()).rdd(),
            new ContextTask(plan, schedule, tries),
            CollectionConverters.asScala(places).toSeq(),
            handler,
            LINES);
  }

  /**
   * Runs contexts to their end. Spark ends a job as a whole when one task takes its executors down
   * again and again: that context is given up, and the others begin anew.
   *
   * @throws Exception if Spark cannot go on at all; in Java's eyes it throws what it does not
   *     declare
   */
  void run(List<WireLine> contexts, String schedule) throws Exception {
    Map<Integer, WireLine> open = new LinkedHashMap<>();
    contexts.forEach(line -> open.put(line.context(), line));
    while (!open.isEmpty()) {
      List<WireLine> batch = List.copyOf(open.values());
      try {
        job(
            batch.stream().map(WireLine::toString).toList(),
            schedule,
            (place, lines) -> {
              open.remove(batch.get(place).context());
              for (String line : lines) {
                out.say(line);
              }
            });
      } catch (Exception e) {
        giveUp(e, batch, open);
      }
    }
  }

  private void giveUp(Exception e, List<WireLine> batch, Map<Integer, WireLine> open)
      throws Exception {
    String message = String.valueOf(e.getMessage());
    Matcher task = FAILED_TASK.matcher(message);
    if (spark.sc().isStopped() || !task.find()) {
      throw e;
    }
    int context = batch.get(Integer.parseInt(requireNonNull(task.group(1)))).context();
    if (open.remove(context) == null) {
      throw e;
    }
    String reason = message.lines().findFirst().orElse("");
    out.say(WireLine.lost(context, reason + "; " + ContextTask.AGAIN));
  }
}
