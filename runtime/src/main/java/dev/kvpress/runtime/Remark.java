package dev.kvpress.runtime;

import java.util.Collection;
import java.util.List;

/**
 * One line for people. Whoever makes it decides whether it touches figures.
 *
 * @param touchesFigures whether a figure is not to be read without it: which samples, weights or
 *     prompts it was taken on, or what a method did otherwise than asked. Such a line stands beside
 *     the figure wherever that is shown, also where nothing else is said
 * @param text the line
 */
public record Remark(boolean touchesFigures, String text) {
  /** A line without which a figure is not to be read. */
  public static Remark onFigures(String text) {
    return new Remark(true, text);
  }

  /** A line that is good to know; figures can be read without it. */
  public static Remark aside(String text) {
    return new Remark(false, text);
  }

  /** The texts of those that touch figures, each once. */
  public static List<String> onFigures(Collection<Remark> remarks) {
    return remarks.stream().filter(Remark::touchesFigures).map(Remark::text).distinct().toList();
  }
}
