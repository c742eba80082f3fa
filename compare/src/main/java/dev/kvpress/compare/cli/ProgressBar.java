package dev.kvpress.compare.cli;

import dev.kvpress.compare.run.Progress;
import java.io.PrintStream;

/** One line that is drawn over and over, on a terminal only. */
final class ProgressBar implements Progress {
  private static final int WIDTH = 30;
  private static final long REDRAW_NANOS = 100_000_000;

  private final PrintStream out;
  private String what = "";
  private long steps;
  private long done;
  private long drawn;

  ProgressBar(PrintStream out) {
    this.out = out;
  }

  @Override
  public void begin(String what, long steps) {
    this.what = what;
    this.steps = steps;
    done = 0;
    draw();
  }

  @Override
  public void step() {
    done++;
    if (System.nanoTime() - drawn > REDRAW_NANOS || done == steps) {
      draw();
    }
  }

  private void draw() {
    drawn = System.nanoTime();
    int filled = steps == 0 ? WIDTH : (int) (done * WIDTH / steps);
    out.print(
        "\r[%s%s] %d/%d %s"
            .formatted("#".repeat(filled), ".".repeat(WIDTH - filled), done, steps, what));
    out.flush();
  }

  @Override
  public void end() {
    // Back to the start of the line, and clear it.
    out.print("\r\u001b[K");
    out.flush();
  }
}
