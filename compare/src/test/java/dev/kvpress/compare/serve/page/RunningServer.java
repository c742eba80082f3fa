package dev.kvpress.compare.serve.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code compare serve} as people start it, in this process, on a port that is free. */
final class RunningServer implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("http://\\S+:\\d+");
  private static final Duration START = Duration.ofSeconds(60);
  private static final long LOOK_EVERY = TimeUnit.MILLISECONDS.toNanos(20);

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final CompletableFuture<Integer> code = new CompletableFuture<>();
  private final Thread thread;
  private final String address;

  RunningServer(String... options) {
    List<String> arguments = new ArrayList<>(List.of("serve", "--port", "0"));
    arguments.addAll(List.of(options));
    thread = new Thread(() -> code.complete(run(arguments)), "serve");
    thread.start();
    address = awaited() + "/";
  }

  private int run(List<String> arguments) {
    PrintStream said = new PrintStream(err, true, StandardCharsets.UTF_8);
    return Main.run(arguments.toArray(String[]::new), InputStream.nullInputStream(), said, said);
  }

  private String awaited() {
    long end = System.nanoTime() + START.toNanos();
    Matcher matcher = ADDRESS.matcher(said());
    while (!matcher.find()) {
      assertThat(code.isDone() || System.nanoTime() > end).as(said()).isFalse();
      LockSupport.parkNanos(LOOK_EVERY);
      matcher = ADDRESS.matcher(said());
    }
    return matcher.group();
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  String address() {
    return address;
  }

  @Override
  public void close() throws InterruptedException, ExecutionException, TimeoutException {
    thread.interrupt();
    assertThat(code.get(START.toSeconds(), TimeUnit.SECONDS)).as(said()).isZero();
  }
}
