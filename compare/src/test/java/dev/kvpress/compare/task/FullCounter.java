package dev.kvpress.compare.task;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Set;

/** A task that counts how often the context with its whole cache is asked for. */
final class FullCounter implements Task {
  private final Task task;
  int calls;

  FullCounter(Task task) {
    this.task = task;
  }

  @Override
  public String name() {
    return task.name();
  }

  @Override
  public String description() {
    return task.description();
  }

  @Override
  public List<Metric> metrics() {
    return task.metrics();
  }

  @Override
  public Set<Protocol> protocols() {
    return task.protocols();
  }

  @Override
  public TaskData read(TaskInput input) {
    TaskData data = task.read(input);
    return new TaskData(data.probes().stream().map(Counted::new).toList(), data.notices());
  }

  private final class Counted implements Probe {
    private final Probe probe;

    Counted(Probe probe) {
      this.probe = probe;
    }

    @Override
    public int sample() {
      return probe.sample();
    }

    @Override
    public ImmutableIntArray context() {
      return probe.context();
    }

    @Override
    public int furtherTokens() {
      return probe.furtherTokens();
    }

    @Override
    public String content() {
      return probe.content();
    }

    @Override
    public Answer ask(Turn turn) {
      return probe.ask(
          new Turn() {
            @Override
            public Protocol protocol() {
              return turn.protocol();
            }

            @Override
            public int passTokens() {
              return turn.passTokens();
            }

            @Override
            public Conversation compressed(ContextReader reader) {
              return turn.compressed(reader);
            }

            @Override
            public Conversation decoding() {
              return turn.decoding();
            }

            @Override
            public Conversation full() {
              calls++;
              return turn.full();
            }

            @Override
            public Conversation fresh() {
              return turn.fresh();
            }

            @Override
            public Crowd crowd(int rows, int steps) {
              return turn.crowd(rows, steps);
            }
          });
    }
  }
}
