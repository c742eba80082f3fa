package dev.kvpress.compare.serve.http;

import com.google.common.hash.Hashing;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.JsonText;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decides whether a request may be answered at all, before anything of it is looked at. */
final class Guard {
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int TOO_LARGE = 413;
  private static final int UNSUPPORTED_TYPE = 415;
  private static final int UNAVAILABLE = 503;
  private static final Map<String, String> PORTS = Map.of("http", ":80", "https", ":443");
  private static final String POST = "POST";
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
  private static final Pattern BEARER =
      Pattern.compile("bearer +(\\S.*?) *", Pattern.CASE_INSENSITIVE);
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9a-f:.]+\\]|[^:\\[\\]]+)(?::[0-9]{1,5})?");

  private final HttpOptions options;
  private final Optional<byte[]> keyHash;
  private final Set<String> open;
  private volatile boolean stopping;

  /**
   * A guard.
   *
   * @param open paths that need no key
   */
  Guard(HttpOptions options, Set<String> open) {
    this.options = options;
    this.open = open;
    this.keyHash = options.key().map(Guard::hash);
  }

  /** From now on nothing new is answered. */
  void stop() {
    stopping = true;
  }

  /**
   * Lets a request pass.
   *
   * @throws ApiException why not
   */
  void check(Context context) {
    if (stopping) {
      context.header("Connection", "close");
      throw ApiException.of(UNAVAILABLE, "server_stopping", "the server stops");
    }
    requireHost(context.header("Host"));
    if (!READING.contains(context.req().getMethod())) {
      requireSameSite(context);
    }
    if (!open.contains(context.path())) {
      requireKey(context.header("Authorization"));
    }
    if (context.req().getMethod().equals(POST)) {
      requireJson(context);
    }
  }

  /** A page of another name that leads here (DNS rebinding) says that name. */
  private void requireHost(@Nullable String header) {
    if (options.hosts().isEmpty()) {
      return;
    }
    String given = header == null ? "" : header.toLowerCase(Locale.ROOT);
    Matcher host = HOST.matcher(given);
    if (!host.matches() || !options.hosts().contains(host.group(1))) {
      throw ApiException.of(
          FORBIDDEN,
          "host_not_allowed",
          "this server is called %s, found '%s'; start it with --allow-host for another name"
              .formatted(
                  String.join(", ", options.hosts().stream().sorted().toList()),
                  JsonText.shortened(given)));
    }
  }

  /** Pages of other sites may make a browser send requests; they say where they come from. */
  private static void requireSameSite(Context context) {
    String origin = context.header("Origin");
    boolean foreign = origin != null && !isOwn(origin, String.valueOf(context.header("Host")));
    String site = context.header("Sec-Fetch-Site");
    boolean across = site != null && !Set.of("same-origin", "none").contains(site);
    if (foreign || across) {
      throw ApiException.of(
          FORBIDDEN, "cross_site", "requests from pages of other sites are not answered");
    }
  }

  /** Whether a page comes from here, by whichever scheme; a scheme's own port may be left out. */
  static boolean isOwn(String origin, String host) {
    String from = origin.toLowerCase(Locale.ROOT);
    String here = host.toLowerCase(Locale.ROOT);
    return PORTS.entrySet().stream()
        .anyMatch(
            scheme ->
                withPort(from, scheme.getValue())
                    .equals(withPort(scheme.getKey() + "://" + here, scheme.getValue())));
  }

  private static String withPort(String address, String port) {
    return address.matches(".*:[0-9]+") ? address : address + port;
  }

  private void requireKey(@Nullable String header) {
    if (keyHash.isEmpty()) {
      return;
    }
    Matcher given = BEARER.matcher(header == null ? "" : header);
    boolean known = given.matches() && MessageDigest.isEqual(hash(given.group(1)), keyHash.get());
    if (!known) {
      throw ApiException.of(
          UNAUTHORIZED,
          "invalid_api_key",
          "expected the key of this server as 'Authorization: Bearer KEY', found %s"
              .formatted(given.matches() ? "another" : "none"));
    }
  }

  /** Of equal length whatever was sent, so that comparing takes equal time. */
  private static byte[] hash(String key) {
    return Hashing.sha256().hashString(key, StandardCharsets.UTF_8).asBytes();
  }

  private void requireJson(Context context) {
    String type = context.header("Content-Type");
    String plain = type == null ? "" : type.toLowerCase(Locale.ROOT).replace(" ", "");
    if (!plain.matches("application/json(;charset=\"?utf-8\"?)?;?")) {
      throw ApiException.of(
          UNSUPPORTED_TYPE,
          "unsupported_media_type",
          "expected Content-Type: application/json in UTF-8, found '%s'"
              .formatted(JsonText.shortened(type == null ? "" : type)));
    }
    String encoding = context.header("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw ApiException.of(
          UNSUPPORTED_TYPE,
          "unsupported_encoding",
          "expected a body as it is, found Content-Encoding '%s'"
              .formatted(JsonText.shortened(encoding)));
    }
    String coding = context.header("Transfer-Encoding");
    if (coding != null && !coding.strip().equalsIgnoreCase("chunked")) {
      throw ApiException.of(
          UNSUPPORTED_TYPE,
          "unsupported_encoding",
          "expected a body as it is or chunked, found Transfer-Encoding '%s'"
              .formatted(JsonText.shortened(coding)));
    }
    if (context.req().getContentLengthLong() > 2 * options.maxBodyBytes()) {
      throw ApiException.of(
          TOO_LARGE,
          "request_too_large",
          "expected a body of at most %d bytes, found %d"
              .formatted(options.maxBodyBytes(), context.req().getContentLengthLong()));
    }
  }
}
