package dev.kvpress.runtime.text;

import static dev.kvpress.runtime.text.SpecialNames.BOS;
import static dev.kvpress.runtime.text.SpecialNames.EOS;
import static dev.kvpress.runtime.text.SpecialNames.PAD;
import static dev.kvpress.runtime.text.SpecialNames.UNKNOWN;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The one list of tokenizer classes. A new class is a line here. */
final class TokenizerClasses {
  private static final String END_OF_TEXT = "<|endoftext|>";
  private static final String FAST = "Fast";

  /** Where nothing is known of the class: the tokenizer's own file decides alone. */
  static final TokenizerClass UNNAMED = TokenizerClass.jsonOnly("");

  static final TokenizerClass GPT2 =
      endOfText(TokenizerClass.byteLevel("GPT2Tokenizer", ByteLevelRules.GPT2))
          .named(BOS, END_OF_TEXT);

  private static final TokenizerClass LLAMA =
      angled(TokenizerClass.sentencePiece("LlamaTokenizer")).prefixing();

  private static final TokenizerClass QWEN2 =
      endOfText(TokenizerClass.byteLevel("Qwen2Tokenizer", ByteLevelRules.QWEN2))
          .named(PAD, END_OF_TEXT);

  private static final TokenizerClass CODE_GEN =
      endOfText(TokenizerClass.byteLevel("CodeGenTokenizer", ByteLevelRules.GPT2))
          .named(BOS, END_OF_TEXT);

  private static final TokenizerClass GPT_NEOX =
      endOfText(TokenizerClass.byteLevel("GPTNeoXTokenizer", ByteLevelRules.GPT_NEOX))
          .named(BOS, END_OF_TEXT)
          .framing(false, false);

  private static final TokenizerClass GEMMA =
      TokenizerClass.sentencePiece("GemmaTokenizer")
          .named(BOS, "<bos>")
          .named(EOS, "<eos>")
          .named(UNKNOWN, "<unk>")
          .named(PAD, "<pad>");

  private static final List<TokenizerClass> ALL =
      List.of(
          GPT2,
          CODE_GEN,
          QWEN2,
          GPT_NEOX,
          LLAMA,
          // Beside a SentencePiece model it adds pieces for filling in; those only the JSON names.
          angled(TokenizerClass.jsonOnly("CodeLlamaTokenizer")).framing(true, false),
          GEMMA,
          TokenizerClass.jsonOnly("CohereTokenizer")
              .named(BOS, "<BOS_TOKEN>")
              .named(EOS, "<|END_OF_TURN_TOKEN|>")
              .framing(true, false),
          TokenizerClass.jsonOnly("PreTrainedTokenizer"),
          TokenizerClass.jsonOnly("TokenizersBackend"));

  private static final Map<String, TokenizerClass> BY_NAME =
      ALL.stream().collect(Collectors.toMap(TokenizerClass::name, line -> line));

  /** For folders that name no class: which one the library takes for a {@code model_type}. */
  private static final Map<String, TokenizerClass> BY_MODEL =
      Map.ofEntries(
          Map.entry("gpt2", GPT2),
          Map.entry("gpt_neo", GPT2),
          Map.entry("gptj", GPT2),
          Map.entry("gpt_bigcode", GPT2),
          Map.entry("opt", GPT2),
          Map.entry("granite", GPT2),
          Map.entry("granitemoe", GPT2),
          Map.entry("starcoder2", GPT2),
          Map.entry("phi", CODE_GEN),
          Map.entry("codegen", CODE_GEN),
          Map.entry("qwen2", QWEN2),
          Map.entry("qwen2_moe", QWEN2),
          Map.entry("qwen3", QWEN2),
          Map.entry("qwen3_moe", QWEN2),
          Map.entry("gpt_neox", GPT_NEOX),
          Map.entry("stablelm", GPT_NEOX),
          Map.entry("olmo", GPT_NEOX),
          Map.entry("olmo2", GPT_NEOX),
          Map.entry("mpt", GPT_NEOX),
          Map.entry("llama", LLAMA),
          Map.entry("mistral", LLAMA),
          Map.entry("mixtral", LLAMA),
          Map.entry("phi3", LLAMA),
          Map.entry("persimmon", LLAMA),
          Map.entry("gemma", GEMMA),
          Map.entry("gemma2", GEMMA),
          Map.entry("gemma3", GEMMA),
          Map.entry("gemma3_text", GEMMA));

  private TokenizerClasses() {}

  private static TokenizerClass endOfText(TokenizerClass line) {
    return line.named(EOS, END_OF_TEXT).named(UNKNOWN, END_OF_TEXT);
  }

  private static TokenizerClass angled(TokenizerClass line) {
    return line.named(BOS, "<s>").named(EOS, "</s>").named(UNKNOWN, "<unk>");
  }

  /** The class of a name, with or without the ending {@code Fast}. */
  static Optional<TokenizerClass> named(String name) {
    String plain = name.endsWith(FAST) ? name.substring(0, name.length() - FAST.length()) : name;
    return Optional.ofNullable(BY_NAME.get(plain));
  }

  /** The class for a {@code model_type}. */
  static Optional<TokenizerClass> ofModel(String modelType) {
    return Optional.ofNullable(BY_MODEL.get(modelType));
  }

  /** Names of the classes that read files of a kind, for messages. */
  static String names(TokenizerClass.Kind kind) {
    return ALL.stream()
        .filter(line -> line.kind() == kind)
        .map(TokenizerClass::name)
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
