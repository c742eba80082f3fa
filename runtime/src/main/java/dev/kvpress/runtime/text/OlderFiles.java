package dev.kvpress.runtime.text;

import dev.kvpress.runtime.ModelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tokenizers from before {@code tokenizer.json}. Their files do not say how texts are prepared; the
 * class does that reads them, so the class must be known.
 */
final class OlderFiles {
  static final String SAVE_AS_JSON =
      "save the tokenizer as tokenizer.json (in Python:"
          + " AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)) or give token_ids";

  /** What a tokenizer.model of tiktoken's begins with: base64 and a rank. */
  private static final Pattern TIKTOKEN = Pattern.compile("[A-Za-z0-9+/=]+ \\d+");

  /** The largest published models take 5 MB. */
  private static final long MAX_MODEL_BYTES = 16L << 20;

  private final TokenizerConfig config;
  private final Optional<Path> model;
  private final Optional<Path> vocabulary;
  private final Optional<Path> merges;

  private OlderFiles(ModelFiles files) {
    this.config = TokenizerConfig.read(files);
    this.model = files.find(SentencePieceTokenizer.FILE);
    this.vocabulary = files.find(ByteLevelFiles.VOCABULARY);
    this.merges = files.find(ByteLevelFiles.MERGES);
  }

  static OlderFiles of(ModelFiles files) {
    return new OlderFiles(files);
  }

  /** The tokenizer that these files make, if there are any. */
  Optional<Tokenizer> find() {
    boolean pair = vocabulary.isPresent() && merges.isPresent();
    if (!pair && model.isEmpty()) {
      return Optional.empty();
    }
    Optional<TokenizerClass> kind = kind();
    boolean wantsModel = kind.isPresent() && kind.get().kind() == TokenizerClass.Kind.SENTENCEPIECE;
    if (model.isPresent() && (wantsModel || !pair)) {
      return Optional.of(sentencePiece(model.get()));
    }
    return Optional.of(byteLevel(vocabulary.orElseThrow(), merges.orElseThrow(), kind));
  }

  private Optional<TokenizerClass> kind() {
    return config.className().isPresent()
        ? config.className().flatMap(TokenizerClasses::named)
        : config.modelType().flatMap(TokenizerClasses::ofModel);
  }

  private Tokenizer byteLevel(Path pieces, Path joints, Optional<TokenizerClass> named) {
    ByteLevelFiles files = ByteLevelFiles.read(pieces, joints);
    Optional<TokenizerClass> fits =
        named.filter(kind -> kind.kind() == TokenizerClass.Kind.BYTE_LEVEL);
    if (fits.isEmpty() && config.className().isEmpty() && files.areGpt2()) {
      fits = Optional.of(TokenizerClasses.GPT2);
    }
    TokenizerClass kind = fits.orElseThrow(() -> refusal(pieces, TokenizerClass.Kind.BYTE_LEVEL));
    boolean prefixSpace = config.flag(TokenizerConfig.ADD_PREFIX_SPACE).orElse(false);
    return HuggingFaceJsonTokenizer.of(
        files.tokenizerJson(kind.rules().orElseThrow(), prefixSpace),
        pieces,
        "byte-level BPE (%s)".formatted(kind.name()),
        config,
        kind);
  }

  /** The tokenizer of a SentencePiece model, under the class that the files beside it name. */
  Tokenizer sentencePiece(Path file) {
    byte[] content = ModelFiles.read(file, MAX_MODEL_BYTES);
    String start =
        new String(content, 0, Math.min(content.length, 200), StandardCharsets.ISO_8859_1);
    if (TIKTOKEN.matcher(start.lines().findFirst().orElse("")).matches()) {
      throw new ModelException(
          file + ": expected a SentencePiece model, found one of tiktoken's; " + SAVE_AS_JSON);
    }
    TokenizerClass kind =
        kind()
            .filter(known -> known.kind() == TokenizerClass.Kind.SENTENCEPIECE)
            .orElseThrow(() -> refusal(file, TokenizerClass.Kind.SENTENCEPIECE));
    return SentencePieceTokenizer.of(content, file, config, kind);
  }

  private ModelException refusal(Path file, TokenizerClass.Kind kind) {
    String found =
        config
            .className()
            .map(name -> "found tokenizer_class " + name)
            .or(() -> config.modelType().map(type -> "found none, and model_type " + type))
            .orElse("found none");
    return new ModelException(
        "%s: how texts are prepared for it depends on the class that reads it; expected %s to name one of %s, %s; %s"
            .formatted(
                file, TokenizerConfig.FILE, TokenizerClasses.names(kind), found, SAVE_AS_JSON));
  }
}
