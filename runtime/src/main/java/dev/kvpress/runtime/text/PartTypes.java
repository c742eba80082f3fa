package dev.kvpress.runtime.text;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import java.util.List;

/**
 * The types that a part of a {@code tokenizer.json} may have, and the keys of each: what version
 * 0.21 of the tokenizer library reads.
 *
 * @param part name of the part
 * @param keysByType for each type its keys, {@code type} among them
 */
record PartTypes(String part, ImmutableSetMultimap<String, String> keysByType) {
  static final PartTypes NORMALIZER =
      of(
          "normalizer",
          "BertNormalizer clean_text handle_chinese_chars strip_accents lowercase",
          "Strip strip_left strip_right",
          "StripAccents",
          "NFC",
          "NFD",
          "NFKC",
          "NFKD",
          "Nmt",
          "Lowercase",
          "ByteLevel",
          "Sequence normalizers",
          "Precompiled precompiled_charsmap",
          "Replace pattern content",
          "Prepend prepend");

  static final PartTypes PRE_TOKENIZER =
      of(
          "pre_tokenizer",
          "BertPreTokenizer",
          "Whitespace",
          "WhitespaceSplit",
          "UnicodeScripts",
          "ByteLevel add_prefix_space trim_offsets use_regex",
          "CharDelimiterSplit delimiter",
          "Metaspace replacement add_prefix_space prepend_scheme split str_rep",
          "Sequence pretokenizers",
          "Split pattern behavior invert",
          "Punctuation behavior",
          "Digits individual_digits",
          "FixedLength length");

  static final PartTypes POST_PROCESSOR =
      of(
          "post_processor",
          "RobertaProcessing sep cls trim_offsets add_prefix_space",
          "BertProcessing sep cls",
          "ByteLevel add_prefix_space trim_offsets use_regex",
          "TemplateProcessing single pair special_tokens",
          "Sequence processors");

  static final PartTypes DECODER =
      of(
          "decoder",
          "BPEDecoder suffix",
          "ByteLevel add_prefix_space trim_offsets use_regex",
          "WordPiece prefix cleanup",
          "Metaspace replacement add_prefix_space prepend_scheme split str_rep",
          "CTC pad_token word_delimiter_token cleanup",
          "Sequence decoders",
          "Replace pattern content",
          "Fuse",
          "ByteFallback",
          "Strip content start stop");

  /** Without the two tables. */
  static final PartTypes MODEL =
      of(
          "model",
          "BPE dropout unk_token continuing_subword_prefix end_of_word_suffix fuse_unk"
              + " byte_fallback ignore_merges",
          "WordPiece unk_token continuing_subword_prefix max_input_chars_per_word",
          "WordLevel unk_token",
          "Unigram unk_id byte_fallback");

  private static PartTypes of(String part, String... lines) {
    ImmutableSetMultimap.Builder<String, String> types = ImmutableSetMultimap.builder();
    for (String line : lines) {
      List<String> words = List.of(line.split(" "));
      types.put(words.get(0), "type");
      types.putAll(words.get(0), words.subList(1, words.size()));
    }
    return new PartTypes(part, types.build());
  }

  boolean has(String type) {
    return keysByType.containsKey(type);
  }

  ImmutableSet<String> types() {
    return keysByType.keySet();
  }

  ImmutableSet<String> keys(String type) {
    return keysByType.get(type);
  }
}
