package dev.kvpress.compare.bench.serve;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Bodies that are no JSON, JSON of the wrong kind, or fields that no answer can follow from. */
final class HostileBodies {
  static final String COMPLETIONS = "/v1/completions";
  static final String CHAT = "/v1/chat/completions";

  private static final int DEEP = 50_000;
  private static final int MANY = 20_000;

  /** No JSON at all, or none that stands for a request. */
  private static final List<String> NO_REQUESTS =
      List.of(
          "",
          " ",
          "null",
          "[]",
          "\"text\"",
          "42",
          "true",
          "{",
          "}",
          "{}",
          "{]",
          "{'model':'x'}",
          "{\"prompt\":\"x\",}",
          "{\"prompt\":\"x\"}}",
          "{\"prompt\":\"x\"} {\"prompt\":\"x\"}",
          "{\"prompt\" \"x\"}",
          "{\"prompt\":\"x}",
          "{\"prompt\":\"\u0000\"}",
          "{\"prompt\":\"\\u12\"}",
          "{\"prompt\":\"\\x41\"}",
          "{/* why */\"prompt\":\"x\"}",
          "<prompt>x</prompt>",
          "prompt=x&max_tokens=4");

  /** Values that a field of a completion cannot have. */
  private static final Map<String, List<String>> WRONG =
      Map.ofEntries(
          Map.entry("model", List.of("5", "[]", "{}", "true", "\"no-such-model\"", "\"../x\"")),
          Map.entry(
              "prompt", List.of("{}", "true", "5", "[1.5]", "[true]", "[\"a\",1]", "[[[\"a\"]]]")),
          Map.entry(
              "max_tokens",
              List.of("\"12\"", "-1", "1.5", "true", "{}", "[]", "1000000000000", "1e999", "NaN")),
          Map.entry(
              "temperature",
              List.of("\"hot\"", "-1", "1e400", "[]", "Infinity", "-Infinity", "true")),
          Map.entry("top_p", List.of("2", "-0.1", "\"1\"", "{}", "1e999")),
          Map.entry("n", List.of("0", "-5", "2147483648", "\"2\"", "1.5", "1000000")),
          Map.entry("stop", List.of("5", "{}", "[[]]", "[1]", "true", "[null]")),
          Map.entry("stream", List.of("\"yes\"", "1", "[]", "{}")),
          Map.entry("logprobs", List.of("\"x\"", "-1", "1000", "8589934592", "{}")),
          Map.entry("echo", List.of("3", "\"true\"", "[]")),
          Map.entry(
              "seed", List.of("1.5", "\"x\"", "1e40", "123456789012345678901234567890", "[]")),
          Map.entry(
              "logit_bias", List.of("{\"abc\":1}", "{\"5\":\"x\"}", "[5]", "{\"5\":1e999}", "7")),
          Map.entry("presence_penalty", List.of("\"x\"", "1e999", "[]", "-99")),
          Map.entry("frequency_penalty", List.of("\"x\"", "1e999", "{}", "99")),
          Map.entry("press", List.of("5", "\"no_such_press\"", "\"h2o(((\"", "\"h2o(x=1)\"", "[]")),
          Map.entry("compression_ratio", List.of("2", "-0.5", "\"x\"", "1e999", "[]")),
          Map.entry(
              "stored_context",
              List.of("\"../../etc/passwd\"", "\"none\"", "5", "\"a/b\"", "\"\"")),
          Map.entry("response_format", List.of("{\"type\":\"json_object\"}", "5")),
          Map.entry("no_such_field", List.of("1", "null_", "{}")));

  private static final List<String> WRONG_MESSAGES =
      List.of(
          "\"x\"",
          "[]",
          "[5]",
          "[[]]",
          "{}",
          "[{\"role\":5,\"content\":\"x\"}]",
          "[{\"role\":\"user\"}]",
          "[{\"content\":\"x\"}]",
          "[{\"role\":\"nobody\",\"content\":\"x\"}]",
          "[{\"role\":\"user\",\"content\":5}]",
          "[{\"role\":\"user\",\"content\":[5]}]",
          "[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]}]",
          "[{\"role\":\"user\",\"content\":\"x\",\"content\":\"y\"}]");

  /** Bytes that are not UTF-8: broken, overlong, half a surrogate pair, beyond Unicode. */
  private static final List<byte[]> NO_UTF8 =
      List.of(
          new byte[] {(byte) 0xc3, 0x28},
          new byte[] {(byte) 0xff},
          new byte[] {(byte) 0xc0, (byte) 0xaf},
          new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
          new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
          new byte[] {(byte) 0xe2, (byte) 0x82});

  private HostileBodies() {}

  static HostileRequest noRequest(Random random, String model) {
    return HostileRequest.body("no JSON request", path(random), pick(NO_REQUESTS, random));
  }

  static HostileRequest wrongField(Random random, String model) {
    List<String> names = WRONG.keySet().stream().sorted().toList();
    String name = pick(names, random);
    String value = pick(requireNonNull(WRONG.get(name)), random);
    return HostileRequest.body("wrong " + name, COMPLETIONS, completion(model, name, value));
  }

  static HostileRequest wrongMessages(Random random, String model) {
    String body =
        "{\"model\":\"%s\",\"messages\":%s}".formatted(model, pick(WRONG_MESSAGES, random));
    return HostileRequest.body("wrong messages", CHAT, body);
  }

  static HostileRequest twice(Random random, String model) {
    String body = completion(model, "max_tokens", "4,\"max_tokens\":" + random.nextInt(5, 9));
    return HostileRequest.body("a field twice", COMPLETIONS, body);
  }

  static HostileRequest deep(Random random, String model) {
    boolean lists = random.nextBoolean();
    String open = lists ? "[" : "{\"a\":";
    String value = open.repeat(DEEP) + (random.nextBoolean() ? "" : lists ? "]" : "1}");
    return HostileRequest.body("deep nesting", path(random), completion(model, "prompt", value));
  }

  static HostileRequest foreignIds(Random random, String model) {
    List<String> ids = List.of("-1", "2147483647", "2147483648", "1099511627776", "1e30");
    String value = "[1," + pick(ids, random) + "]";
    String prompt = random.nextBoolean() ? value : "[" + value + "]";
    return HostileRequest.body(
        "ids beyond the vocabulary", COMPLETIONS, completion(model, "prompt", prompt));
  }

  static HostileRequest tooMany(Random random, String model) {
    String value =
        switch (random.nextInt(3)) {
          case 0 -> "[" + "[1],".repeat(MANY) + "[1]]";
          case 1 -> "[" + "1,".repeat(MANY * 10) + "1]";
          default -> "\"" + "word ".repeat(MANY) + "\"";
        };
    return HostileRequest.body("too much to read", COMPLETIONS, completion(model, "prompt", value));
  }

  static HostileRequest longNumber(Random random, String model) {
    String digits = "9".repeat(random.nextInt(500, 100_000));
    return HostileRequest.body(
        "a number of many digits", COMPLETIONS, completion(model, "max_tokens", digits));
  }

  static HostileRequest badText(Random random, String model) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    String[] parts = completion(model, "prompt", "\"x|y\"").split("\\|", -1);
    body.writeBytes(parts[0].getBytes(StandardCharsets.UTF_8));
    body.writeBytes(pick(NO_UTF8, random));
    body.writeBytes(parts[1].getBytes(StandardCharsets.UTF_8));
    return HostileRequest.body("no UTF-8", path(random), body.toByteArray());
  }

  /** A completion that would be answered, but for one field. */
  static String completion(String model, String name, String value) {
    StringBuilder body = new StringBuilder("{");
    if (!name.equals("model")) {
      body.append("\"model\":\"%s\",".formatted(model));
    }
    if (!name.equals("prompt")) {
      body.append("\"prompt\":\"x\",");
    }
    return body.append("\"%s\":%s}".formatted(name, value)).toString();
  }

  static <T> T pick(List<T> from, Random random) {
    return from.get(random.nextInt(from.size()));
  }

  private static String path(Random random) {
    return random.nextBoolean() ? COMPLETIONS : CHAT;
  }
}
