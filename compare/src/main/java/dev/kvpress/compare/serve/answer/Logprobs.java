package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.serve.wire.JsonText;
import dev.kvpress.runtime.generate.TokenScore;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Log-probabilities as OpenAI's two kinds of answers have them. */
final class Logprobs {
  // OpenAI's word for less than anything, since JSON has no infinity.
  private static final double NOTHING = -9999;
  private static final char REPLACEMENT = '\ufffd';

  private Logprobs() {}

  /** A token and where it begins in the text of the answer, in characters (code points). */
  record Placed(TokenScore score, int offset) {}

  /** Four lists, an entry a token. */
  static ObjectNode completion(List<Placed> tokens) {
    ObjectNode lists = JsonText.object();
    ArrayNode texts = lists.putArray("tokens");
    ArrayNode own = lists.putArray("token_logprobs");
    ArrayNode top = lists.putArray("top_logprobs");
    ArrayNode offsets = lists.putArray("text_offset");
    for (Placed token : tokens) {
      TokenScore score = token.score();
      texts.add(score.text());
      offsets.add(token.offset());
      if (Double.isNaN(score.logProbability())) {
        own.addNull();
        top.addNull();
      } else {
        own.add(finite(score.logProbability()));
        top.add(byText(score));
      }
    }
    return lists;
  }

  /**
   * The likeliest tokens and the one that stands there, by their text. Of several with one text the
   * likeliest counts, so that the largest of them is the likeliest token's whatever it is called.
   */
  private static ObjectNode byText(TokenScore score) {
    ObjectNode top = JsonText.object();
    for (TokenScore.Alternative other : score.alternatives()) {
      putLarger(top, other.text(), other.logProbability());
    }
    putLarger(top, score.text(), score.logProbability());
    return top;
  }

  private static void putLarger(ObjectNode top, String text, double logProbability) {
    double value = finite(logProbability);
    JsonNode before = top.get(text);
    if (before == null || before.doubleValue() < value) {
      top.put(text, value);
    }
  }

  /** A list of tokens, each with its neighbours. */
  static ObjectNode chat(List<TokenScore> tokens) {
    ObjectNode logprobs = JsonText.object();
    ArrayNode content = logprobs.putArray("content");
    for (TokenScore score : tokens) {
      ObjectNode entry = token(score.text(), score.logProbability());
      ArrayNode top = entry.putArray("top_logprobs");
      for (TokenScore.Alternative other : score.alternatives()) {
        top.add(token(other.text(), other.logProbability()));
      }
      content.add(entry);
    }
    logprobs.putNull("refusal");
    return logprobs;
  }

  private static ObjectNode token(String text, double logProbability) {
    ObjectNode entry = JsonText.object();
    entry.put("token", text);
    entry.put("logprob", finite(logProbability));
    entry.set("bytes", bytes(text));
    return entry;
  }

  /** Its UTF-8; null for a part of a character, whose bytes the text does not tell. */
  private static JsonNode bytes(String text) {
    if (text.indexOf(REPLACEMENT) >= 0) {
      return NullNode.getInstance();
    }
    ArrayNode bytes = JsonText.list();
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      bytes.add(Byte.toUnsignedInt(each));
    }
    return bytes;
  }

  private static double finite(double logProbability) {
    return Double.isFinite(logProbability) ? logProbability : NOTHING;
  }
}
