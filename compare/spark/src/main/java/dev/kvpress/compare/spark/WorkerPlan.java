package dev.kvpress.compare.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How an executor starts its worker; the same for all executors of an application.
 *
 * @param open the line with which a worker is opened, as it came from the comparison
 * @param program what runs
 * @param installed folder on every host in which the program lies unpacked; empty: it is sent
 * @param main class with the main method
 * @param arguments of it
 * @param options of the Java machine; without a heap among them it gets its share of the memory
 * @param cache folder of each host for what is fetched; {@code ~} stands for the user's there
 * @param threads of the engine
 */
record WorkerPlan(
    String open,
    Program program,
    String installed,
    String main,
    List<String> arguments,
    List<String> options,
    String cache,
    int threads)
    implements Serializable {
  WorkerPlan {
    // Lists that Java can write, whichever ones were given.
    arguments = new ArrayList<>(arguments);
    options = new ArrayList<>(options);
  }
}
