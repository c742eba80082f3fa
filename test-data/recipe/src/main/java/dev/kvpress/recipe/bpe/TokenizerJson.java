package dev.kvpress.recipe.bpe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes and reads the tokenizer.json of Hugging Face tokenizers. */
public final class TokenizerJson {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private TokenizerJson() {}

  /** Writes the tokenizer; encoding adds the begin token, decoding drops special tokens. */
  public static void write(Bpe bpe, Path file) throws IOException {
    ObjectNode root = JSON.createObjectNode().put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    special(added, Bpe.BOS, Bpe.BOS_TEXT);
    special(added, Bpe.EOS, Bpe.EOS_TEXT);
    root.putNull("normalizer");
    root.set("pre_tokenizer", byteLevel());
    ObjectNode post = root.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = post.putArray("single");
    begin(single);
    sequence(single, "A", 0);
    ArrayNode pair = post.putArray("pair");
    begin(pair);
    sequence(pair, "A", 0);
    sequence(pair, "B", 1);
    ObjectNode bos = post.putObject("special_tokens").putObject(Bpe.BOS_TEXT);
    bos.put("id", Bpe.BOS_TEXT).putArray("ids").add(Bpe.BOS);
    bos.putArray("tokens").add(Bpe.BOS_TEXT);
    root.set("decoder", byteLevel());
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode vocabulary = model.putObject("vocab");
    bpe.vocabulary().forEach(vocabulary::put);
    ArrayNode merges = model.putArray("merges");
    bpe.merges().forEach(merge -> merges.add(merge.left() + " " + merge.right()));
    Files.writeString(file, JSON.writeValueAsString(root) + "\n");
  }

  /** Reads what {@link #write} wrote. */
  public static Bpe read(Path file) throws IOException {
    JsonNode merges = JSON.readTree(Files.readString(file)).path("model").path("merges");
    List<Bpe.Merge> all = new ArrayList<>();
    for (JsonNode merge : merges) {
      String[] sides = merge.asText().split(" ");
      all.add(new Bpe.Merge(sides[0], sides[1]));
    }
    return new Bpe(all);
  }

  private static void special(ArrayNode added, int id, String text) {
    added
        .addObject()
        .put("id", id)
        .put("content", text)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
  }

  private static ObjectNode byteLevel() {
    return JSON.createObjectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
  }

  private static void begin(ArrayNode template) {
    template.addObject().putObject("SpecialToken").put("id", Bpe.BOS_TEXT).put("type_id", 0);
  }

  private static void sequence(ArrayNode template, String id, int type) {
    template.addObject().putObject("Sequence").put("id", id).put("type_id", type);
  }
}
