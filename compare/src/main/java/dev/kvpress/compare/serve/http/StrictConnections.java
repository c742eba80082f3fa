package dev.kvpress.compare.serve.http;

import org.eclipse.jetty.http.BadMessageException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpChannelOverHttp;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnection;
import org.eclipse.jetty.server.HttpConnectionFactory;

/**
 * Connections that tell whatever is wrong with a request as the caller's fault. By itself Jetty
 * answers another version of HTTP, a request line without any, or a coding that it does not know
 * with 505 and 501, which clients take for a failure of the server and try again.
 */
final class StrictConnections extends HttpConnectionFactory {
  private static final int INTERNAL = 500;
  private static final int BAD_REQUEST = 400;

  StrictConnections(HttpConfiguration configuration) {
    super(configuration);
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    HttpConnection connection =
        new HttpConnection(
            getHttpConfiguration(), connector, endPoint, isRecordHttpComplianceViolations()) {
          @Override
          protected HttpChannelOverHttp newHttpChannel() {
            return channel(this);
          }
        };
    return configure(connection, connector, endPoint);
  }

  private static HttpChannelOverHttp channel(HttpConnection connection) {
    return new HttpChannelOverHttp(
        connection,
        connection.getConnector(),
        connection.getHttpConfiguration(),
        connection.getEndPoint(),
        connection) {
      @Override
      public void badMessage(BadMessageException failure) {
        super.badMessage(
            failure.getCode() < INTERNAL
                ? failure
                : new BadMessageException(BAD_REQUEST, failure.getReason(), failure));
      }
    };
  }
}
