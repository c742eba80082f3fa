package dev.kvpress.compare.bench.serve;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/** Holds addresses to this machine: load and hostile requests are for no one else's server. */
final class Loopback {
  private Loopback() {}

  /**
   * The address that a URL names.
   *
   * @throws IllegalArgumentException if it is not an http URL with a port on the loopback interface
   * @throws IOException if the host is not known
   */
  static InetSocketAddress of(URI url) throws IOException {
    if (!"http".equals(url.getScheme()) || url.getHost() == null || url.getPort() < 1) {
      throw new IllegalArgumentException("expected a URL like http://127.0.0.1:8080, found " + url);
    }
    InetAddress host = InetAddress.getByName(url.getHost());
    if (!host.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "%s is not on the loopback interface; bench loads servers of this machine only"
              .formatted(url));
    }
    return new InetSocketAddress(host, url.getPort());
  }
}
