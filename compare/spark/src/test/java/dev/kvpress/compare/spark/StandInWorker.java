package dev.kvpress.compare.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A worker without a model. The "keys" of a context say what it does: {@code sleep MILLIS}, {@code
 * die TIMES FOLDER} (so often, counted by files in the folder), {@code slow-once MILLIS FOLDER},
 * {@code halt-parent TIMES FOLDER}. Anything else is done at once.
 */
final class StandInWorker {
  private static final Pattern CONTEXT = Pattern.compile("\"context\":(\\d+)");
  private static final Pattern KEYS = Pattern.compile("\"keys\":\\[(.*)]");

  private StandInWorker() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String open = in.readLine();
    if (open.contains("refuse")) {
      System.err.println("the stand-in was told to refuse");
      System.exit(2);
    }
    System.out.println(
        "ready {\"schedule\":\"s1\",\"pid\":%d,\"open\":%s}"
            .formatted(ProcessHandle.current().pid(), open.substring("open ".length())));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Matcher context = CONTEXT.matcher(line);
      Matcher keys = KEYS.matcher(line);
      if (!context.find() || !keys.find()) {
        throw new IllegalStateException("not understood: " + line);
      }
      for (String key : keys.group(1).split(",", -1)) {
        act(key.replace("\"", ""));
        System.out.println(
            "done {\"key\":%s,\"context\":%s,\"pid\":%d}"
                .formatted(key, context.group(1), ProcessHandle.current().pid()));
      }
      System.out.println("finished {\"context\":%s,\"prefills\":1}".formatted(context.group(1)));
    }
  }

  private static void act(String key) throws IOException, InterruptedException {
    String[] words = key.split(" ", -1);
    switch (words[0]) {
      case "sleep" -> Thread.sleep(Long.parseLong(words[1]));
      case "die" -> {
        if (first(Integer.parseInt(words[1]), Path.of(words[2]))) {
          System.err.println("the stand-in dies");
          Runtime.getRuntime().halt(77);
        }
      }
      case "slow-once" -> {
        if (first(1, Path.of(words[2]))) {
          Thread.sleep(Long.parseLong(words[1]));
        }
      }
      case "halt-parent" -> {
        if (first(Integer.parseInt(words[1]), Path.of(words[2]))) {
          ProcessHandle.current().parent().orElseThrow().destroyForcibly();
          Thread.sleep(10_000);
        }
      }
      default -> {}
    }
  }

  /** Whether this is among the first so many times, in whichever process. */
  private static boolean first(int times, Path folder) throws IOException {
    Files.createDirectories(folder);
    for (int i = 0; i < times; i++) {
      try {
        Files.createFile(folder.resolve(String.valueOf(i)));
        return true;
      } catch (FileAlreadyExistsException e) {
        // One more has been.
      }
    }
    return false;
  }
}
