package dev.kvpress.compare.serve.http;

import io.javalin.config.JavalinConfig;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.ConnectionLimit;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** How the engine below the routes listens: few threads, short headers, no word of itself. */
final class JettySetup {
  private static final int MOST_THREADS = 24;
  private static final int FEWEST_THREADS = 4;
  private static final int HEADER_BYTES = 16 << 10;
  private static final int MOST_CONNECTIONS = 1024;
  private static final int BACKLOG = 256;
  private static final int SEND_BYTES = 1 << 17;

  private JettySetup() {}

  static void configure(JavalinConfig config, HttpOptions options) {
    QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, FEWEST_THREADS);
    threads.setName("kvpress-serve-http");
    threads.setDaemon(true);
    config.jetty.threadPool = threads;
    config.jetty.modifyServer(
        server -> {
          server.setErrorHandler(new JsonErrorHandler());
          server.addBean(new ConnectionLimit(MOST_CONNECTIONS, server));
          server.setStopAtShutdown(false);
        });
    config.jetty.modifyServletContextHandler(
        handler -> handler.setErrorHandler(new JsonErrorHandler()));
    config.jetty.addConnector((server, http) -> connector(server, http, options));
  }

  private static Connector connector(Server server, HttpConfiguration http, HttpOptions options) {
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(HEADER_BYTES);
    // Names of models may have slashes in them; no path of a file is made of any.
    http.setUriCompliance(UriCompliance.RFC3986);
    ServerConnector connector = new ServerConnector(server, 1, 1, new StrictConnections(http));
    connector.setHost(options.host());
    connector.setPort(options.port());
    connector.setAcceptQueueSize(BACKLOG);
    // By itself the system holds megabytes for a client that reads nothing.
    connector.setAcceptedSendBufferSize(SEND_BYTES);
    connector.setIdleTimeout(options.idle().toMillis());
    return connector;
  }
}
