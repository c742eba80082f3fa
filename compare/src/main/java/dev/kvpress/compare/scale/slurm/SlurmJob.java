package dev.kvpress.compare.scale.slurm;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A comparison that is to run on a cluster. All paths are absolute: jobs begin somewhere else.
 *
 * @param name of its jobs
 * @param array into how many shards it is cut
 * @param resources what the cluster is asked for
 * @param program what runs compare
 * @param directory where relative paths among the arguments begin
 * @param output where the merged results go; shards and logs lie below
 * @param script the file of the array; the others lie beside it
 * @param comparison arguments of the comparison, as typed
 * @param environment variables that the program is to find, by name
 * @param partial whether results are merged though some are missing
 */
public record SlurmJob(
    String name,
    ShardArray array,
    JobResources resources,
    Path program,
    Path directory,
    Path output,
    Path script,
    List<String> comparison,
    Map<String, String> environment,
    boolean partial) {
  /** Paths must be absolute, and there must be arguments. */
  public SlurmJob {
    for (Path path : List.of(program, directory, output, script)) {
      checkArgument(path.isAbsolute(), "expected an absolute path, found %s", path);
    }
    checkArgument(!comparison.isEmpty(), "expected arguments of a comparison, found none");
    comparison = List.copyOf(comparison);
    environment = Map.copyOf(environment);
  }

  /** Where the cluster writes what jobs print. */
  Path logs() {
    return output.resolve("slurm").resolve("logs");
  }
}
