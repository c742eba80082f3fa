package dev.kvpress.compare.bench.serve;

import dev.kvpress.compare.bench.serve.HostileRequest.Manner;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Sends bytes over a socket and reads what comes back, as no HTTP client would. */
final class RawExchange {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int SLOW_PORTIONS = 8;
  private static final int SLOW_PAUSE_MILLIS = 40;
  private static final int MOST_READ = 1 << 20;

  private final InetSocketAddress server;
  private final Duration patience;

  /**
   * An exchange that {@link #send} carries out.
   *
   * @param patience how long an answer is awaited
   */
  RawExchange(InetSocketAddress server, Duration patience) {
    this.server = server;
    this.patience = patience;
  }

  /**
   * Sends a request.
   *
   * @throws IOException if the server takes no connection
   */
  RawAnswer send(HostileRequest request) throws IOException, InterruptedException {
    try (Socket socket = new Socket()) {
      socket.connect(server, CONNECT_MILLIS);
      socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
      write(socket, request);
      return request.manner() == Manner.DROPPED ? new RawAnswer("", true) : read(socket);
    }
  }

  private static void write(Socket socket, HostileRequest request) throws InterruptedException {
    try {
      OutputStream out = socket.getOutputStream();
      byte[] bytes = request.bytes();
      int portions = request.manner() == Manner.SLOW ? SLOW_PORTIONS : 1;
      for (int i = 0; i < portions; i++) {
        int from = (int) ((long) bytes.length * i / portions);
        out.write(bytes, from, (int) ((long) bytes.length * (i + 1) / portions) - from);
        out.flush();
        if (portions > 1) {
          TimeUnit.MILLISECONDS.sleep(SLOW_PAUSE_MILLIS);
        }
      }
      if (request.manner() == Manner.CUT || request.manner() == Manner.SLOW) {
        socket.shutdownOutput();
      }
    } catch (IOException e) {
      // A server may answer and close before all is written; what it said is read all the same.
    }
  }

  private static RawAnswer read(Socket socket) {
    StringBuilder text = new StringBuilder();
    byte[] part = new byte[8192];
    try {
      InputStream in = socket.getInputStream();
      while (text.length() < MOST_READ) {
        int count = in.read(part);
        if (count < 0) {
          return new RawAnswer(text.toString(), true);
        }
        text.append(new String(part, 0, count, StandardCharsets.ISO_8859_1));
        if (isWhole(text)) {
          return new RawAnswer(text.toString(), false);
        }
      }
      return new RawAnswer(text.toString(), false);
    } catch (SocketTimeoutException e) {
      return new RawAnswer(text.toString(), false);
    } catch (IOException e) {
      return new RawAnswer(text.toString(), true);
    }
  }

  /** Whether a body of the told length has come; a server may keep the connection open then. */
  private static boolean isWhole(StringBuilder text) {
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      return false;
    }
    return text.substring(0, end)
        .lines()
        .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
        .anyMatch(line -> text.length() >= end + 4 + Integer.parseInt(line.substring(15).trim()));
  }
}
