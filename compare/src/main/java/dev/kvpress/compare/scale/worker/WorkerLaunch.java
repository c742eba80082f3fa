package dev.kvpress.compare.scale.worker;

/** How a worker is started. */
public interface WorkerLaunch {
  /**
   * A process that reads {@link Line}s on its standard input and writes them on its standard
   * output.
   *
   * @param worker its number, from 0
   */
  ProcessBuilder of(int worker);
}
