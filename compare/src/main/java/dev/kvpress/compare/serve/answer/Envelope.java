package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.BaseEncoding;
import dev.kvpress.compare.BuildInfo;
import dev.kvpress.compare.serve.wire.JsonText;
import java.security.SecureRandom;
import java.time.Instant;

/**
 * What all pieces of one answer have in common.
 *
 * @param id of the answer
 * @param created in seconds since 1970
 * @param model its name as it was asked for
 */
record Envelope(String id, long created, String model) {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ID_BYTES = 15;

  /** A new one, whose id begins as its kind has it. */
  static Envelope of(String prefix, String model) {
    byte[] bytes = new byte[ID_BYTES];
    RANDOM.nextBytes(bytes);
    return new Envelope(
        prefix + BaseEncoding.base32().lowerCase().omitPadding().encode(bytes),
        Instant.now().getEpochSecond(),
        model);
  }

  /** As JSON, without choices yet. */
  ObjectNode json(String object) {
    ObjectNode json = JsonText.object();
    json.put("id", id);
    json.put("object", object);
    json.put("created", created);
    json.put("model", model);
    json.put("system_fingerprint", "kvpress-" + BuildInfo.version());
    return json;
  }
}
