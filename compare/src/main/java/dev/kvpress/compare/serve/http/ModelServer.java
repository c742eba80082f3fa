package dev.kvpress.compare.serve.http;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Throwables;
import dev.kvpress.compare.serve.answer.Answers;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.BindException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers over HTTP, from its start until it is stopped. */
public final class ModelServer implements AutoCloseable {
  /** The logger that hears of each request. */
  public static final String ACCESS_LOG = "dev.kvpress.serve.access";

  private static final Logger ACCESS = LoggerFactory.getLogger(ACCESS_LOG);
  private static final String BEGAN = "kvpress.began";
  private static final long LOOK_MILLIS = 20;

  /** Time that answers which were told to end have to do so. */
  private static final Duration LAST_PIECES = Duration.ofSeconds(5);

  private final ClientWatch watch = new ClientWatch();
  private final Exchanges exchanges;
  private final Guard guard;
  private final Routes routes;
  private final HttpMeters meters;
  private final Javalin javalin;

  private ModelServer(HttpOptions options, Answers answers, PrometheusMeterRegistry registry) {
    exchanges = new Exchanges(options, watch);
    meters = new HttpMeters(registry);
    meters.gauge(
        "kvpress.http.running", "Requests that are being answered", exchanges, Exchanges::running);
    routes = new Routes(answers, exchanges, PageFiles.load(), registry);
    guard = new Guard(options, routes.open());
    javalin = Javalin.create(config -> configure(config, options));
  }

  /**
   * Starts to listen.
   *
   * @param registry where requests are counted, and whose figures {@code /metrics} tells
   * @throws BindException if the port is taken or not to be had, or the address is not this
   *     machine's
   */
  public static ModelServer start(
      HttpOptions options, Answers answers, PrometheusMeterRegistry registry) throws BindException {
    ModelServer server =
        new ModelServer(requireNonNull(options, "options is null"), answers, registry);
    try {
      server.javalin.start();
    } catch (RuntimeException e) {
      server.close();
      BindException refused =
          Throwables.getCausalChain(e).stream()
              .filter(BindException.class::isInstance)
              .map(BindException.class::cast)
              .findFirst()
              .orElseThrow(() -> e);
      throw refused;
    }
    return server;
  }

  private void configure(JavalinConfig config, HttpOptions options) {
    config.showJavalinBanner = false;
    config.startupWatcherEnabled = false;
    config.http.disableCompression();
    config.http.prefer405over404 = true;
    config.http.generateEtags = false;
    // Whole-body reading of the framework's own is never asked for.
    config.http.maxRequestSize = options.maxBodyBytes();
    JettySetup.configure(config, options);
    config.requestLogger.http(this::log);
    config.router.mount(
        app -> {
          app.before(this::before);
          routes.addTo(app);
          // The framework has an answer of its own to these unless they are named.
          app.exception(HttpResponseException.class, ErrorAnswers::write);
          app.exception(Exception.class, ErrorAnswers::write);
        });
  }

  private void before(Context context) {
    context.attribute(BEGAN, System.nanoTime());
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
    context.header("Cache-Control", "no-store");
    guard.check(context);
  }

  private void log(Context context, Float millis) {
    Long began = context.attribute(BEGAN);
    long nanos = began == null ? 0 : System.nanoTime() - began;
    meters.answered(
        routes.of(context.path()), context.method().name(), context.res().getStatus(), nanos);
    ACCESS.info(
        "{} {} {} {} ms",
        context.method(),
        context.path(),
        context.res().getStatus(),
        Math.round(millis));
  }

  /** Where it listens. */
  public int port() {
    return javalin.port();
  }

  /** Requests that are being answered. */
  public int running() {
    return exchanges.running();
  }

  /**
   * Stops: nothing new is taken, what is being answered has some time, and then ends with what
   * there is of it.
   */
  public void stop(Duration grace) {
    guard.stop();
    for (Connector connector : javalin.jettyServer().server().getConnectors()) {
      ((ServerConnector) connector).shutdown();
    }
    await(grace, () -> exchanges.running() == 0);
    exchanges.stopAll();
    await(LAST_PIECES, exchanges::isQuiet);
    close();
  }

  private static void await(Duration time, BooleanSupplier done) {
    long end = System.nanoTime() + time.toNanos();
    try {
      while (!done.getAsBoolean() && System.nanoTime() < end) {
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends at once. */
  @Override
  public void close() {
    guard.stop();
    exchanges.stopAll();
    javalin.stop();
    exchanges.close();
    watch.close();
  }
}
