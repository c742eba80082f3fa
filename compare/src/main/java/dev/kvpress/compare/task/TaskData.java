package dev.kvpress.compare.task;

import com.google.common.collect.ImmutableList;
import dev.kvpress.runtime.Remark;
import java.util.List;

/**
 * The samples of one task.
 *
 * @param probes in file order, at least one
 * @param notices what is to be said of them: samples that were cut or passed over
 */
public record TaskData(List<? extends Probe> probes, List<Remark> notices) {
  /** Takes copies. */
  public TaskData {
    probes = ImmutableList.copyOf(probes);
    notices = ImmutableList.copyOf(notices);
  }

  /** The same samples, of which more is to be said. */
  public TaskData with(List<Remark> more) {
    return new TaskData(
        probes, ImmutableList.<Remark>builder().addAll(notices).addAll(more).build());
  }
}
