package dev.kvpress.compare.cli;

import dev.kvpress.compare.run.Progress;
import java.io.PrintStream;
import java.util.function.Consumer;

/** One line that is drawn over and over, on a terminal only; remarks get lines of their own. */
final class ProgressBar implements Progress, AutoCloseable {
  private static final int WIDTH = 30;
  private static final long REDRAW_NANOS = 100_000_000;
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean shown;
  private final Consumer<String> notices;
  private long drawn;

  /**
   * A bar.
   *
   * @param shown whether to draw it
   * @param notices takes remarks
   */
  ProgressBar(PrintStream out, boolean shown, Consumer<String> notices) {
    this.out = out;
    this.shown = shown;
    this.notices = notices;
  }

  @Override
  public void step(int done, int total, String what) {
    if (!shown || (System.nanoTime() - drawn < REDRAW_NANOS && done < total)) {
      return;
    }
    drawn = System.nanoTime();
    int filled = (int) ((long) done * WIDTH / total);
    out.print(
        "%s[%s%s] %d/%d %s"
            .formatted(
                CLEAR_LINE, "#".repeat(filled), ".".repeat(WIDTH - filled), done, total, what));
    out.flush();
  }

  @Override
  public void notice(String text) {
    clear();
    notices.accept(text);
  }

  @Override
  public void close() {
    clear();
  }

  private void clear() {
    if (shown) {
      out.print(CLEAR_LINE);
      out.flush();
    }
  }
}
