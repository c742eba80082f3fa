package dev.kvpress.peers;

import static java.util.Objects.requireNonNull;

import dev.kvpress.compare.bench.BenchShape;
import dev.kvpress.peers.side.Workload;
import java.nio.file.Path;

/**
 * The model and the work that all engines share.
 *
 * @param folder the float32 checkpoint
 * @param shape its sizes
 * @param cacheDir where engines keep what they make of it
 * @param work what is to be done
 */
record PeerModel(Path folder, BenchShape shape, Path cacheDir, Workload work) {
  PeerModel {
    requireNonNull(folder, "folder is null");
    requireNonNull(shape, "shape is null");
    requireNonNull(cacheDir, "cacheDir is null");
    requireNonNull(work, "work is null");
  }

  /** A file or folder beside the checkpoint, for what is made of it. */
  Path beside(String ending) {
    return folder.resolveSibling(folder.getFileName() + ending);
  }
}
