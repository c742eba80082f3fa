package dev.kvpress.compare.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A tokenizer.json that takes every byte of a text for a token, for random models, which have no
 * vocabulary of their own: ids 0 to 255 are the bytes, 256 ends a text.
 */
public final class ByteTokenizer {
  static final int END = 256;

  private ByteTokenizer() {}

  /** The whole file. */
  public static ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding").putNull("normalizer");
    root.putArray("added_tokens")
        .addObject()
        .put("id", END)
        .put("content", "<|endoftext|>")
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
    root.putObject("pre_tokenizer")
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
    root.putNull("post_processor");
    root.putObject("decoder")
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
    ObjectNode model = root.putObject("model");
    model.put("type", "BPE").putNull("dropout").putNull("unk_token");
    model.put("fuse_unk", false).put("byte_fallback", false);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int b = 0; b < END; b++) {
      vocabulary.put(visible(b), b);
    }
    vocabulary.put("<|endoftext|>", END);
    model.putArray("merges");
    return root;
  }

  /**
   * The character that stands for a byte in byte-level vocabularies: itself where it is visible.
   */
  private static String visible(int b) {
    boolean itself = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
    if (itself) {
      return Character.toString(b);
    }
    int before = 0;
    for (int i = 0; i < b; i++) {
      before += i >= '!' && i <= '~' || i >= 0xA1 && i <= 0xAC || i >= 0xAE ? 0 : 1;
    }
    return Character.toString(256 + before);
  }
}
