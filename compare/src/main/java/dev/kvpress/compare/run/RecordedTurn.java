package dev.kvpress.compare.run;

import dev.kvpress.compare.task.Trace;
import dev.kvpress.compare.task.Turn;
import dev.kvpress.runtime.Remark;
import java.util.List;
import java.util.Optional;

/** A turn that tells afterwards what happened to the cache. */
interface RecordedTurn extends Turn {
  /** What happened behind the context. */
  Trace trace();

  /** What compressing gave and cost. */
  CacheFigures figures();

  /** What the press has said in it. */
  List<Remark> remarks();

  /** Which tokens of the context were kept. */
  Optional<KeepMap> keepMap();
}
