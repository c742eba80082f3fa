package dev.kvpress.runtime.text;

import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the tokenizer of a model by the files beside it. */
public final class Tokenizers {
  /** What {@link #find} looks for, in words for a message. */
  public static final String KNOWN_FILES =
      "tokenizer.json, vocab.json with merges.txt, tokenizer.model, tokenizer.bin or tok<size>.bin";

  private static final String HUGGING_FACE = "tokenizer.json";
  private static final Pattern LLAMA2C = Pattern.compile("tokenizer\\.bin|tok\\d+\\.bin");

  /** Tokenizers that exist and are not read. */
  private static final Pattern STRANGERS =
      Pattern.compile(
          "tekken\\.json|.*\\.tiktoken|tokenizer\\.model\\.v\\d+.*|spiece\\.model"
              + "|sentencepiece\\.bpe\\.model");

  /** Vocabularies of current models take up to 35 MB. */
  private static final long MAX_JSON_BYTES = 64L << 20;

  private Tokenizers() {}

  /**
   * The tokenizer of a model: beside it, or above it where the model lies in the {@code onnx}
   * folder of a repository.
   *
   * @param modelFolderOrFile a model's folder, a model file (its folder counts), or a tokenizer
   *     file itself
   * @return empty if there is none; the model then runs on token ids only
   * @throws ModelException if the path does not exist, the files are broken, the class that is to
   *     read them is not known, or several tokenizers lie there and none is the obvious one
   */
  public static Optional<Tokenizer> find(Path modelFolderOrFile) {
    if (!Files.exists(modelFolderOrFile)) {
      throw new ModelException(
          modelFolderOrFile + ": no such file or folder; give a model's folder or file");
    }
    if (Files.isDirectory(modelFolderOrFile)) {
      return beside(ModelFiles.of(modelFolderOrFile));
    }
    ModelFiles files = ModelFiles.of(modelFolderOrFile.resolveSibling(""));
    String name = String.valueOf(modelFolderOrFile.getFileName());
    if (name.equals(HUGGING_FACE)) {
      return Optional.of(huggingFace(modelFolderOrFile, TokenizerConfig.read(files)));
    }
    if (name.equals(SentencePieceTokenizer.FILE)) {
      return Optional.of(OlderFiles.of(files).sentencePiece(modelFolderOrFile));
    }
    if (LLAMA2C.matcher(name).matches()) {
      return Optional.of(new Llama2cTokenizer(Llama2cVocabulary.read(modelFolderOrFile)));
    }
    return beside(files);
  }

  private static Optional<Tokenizer> beside(ModelFiles files) {
    Optional<Path> json = files.find(HUGGING_FACE);
    if (json.isPresent()) {
      return Optional.of(huggingFace(json.get(), TokenizerConfig.read(files)));
    }
    Optional<Tokenizer> older = OlderFiles.of(files).find();
    if (older.isPresent()) {
      return older;
    }
    List<Path> llama2c = named(files, LLAMA2C);
    if (llama2c.size() > 1) {
      throw new ModelException(
          llama2c.get(0).resolveSibling("")
              + ": found several tokenizers ("
              + llama2c.stream()
                  .map(file -> String.valueOf(file.getFileName()))
                  .collect(Collectors.joining(", "))
              + "); leave only the one that belongs to the model");
    }
    if (llama2c.isEmpty()) {
      refuse(named(files, STRANGERS));
    }
    return llama2c.stream()
        .findFirst()
        .map(file -> new Llama2cTokenizer(Llama2cVocabulary.read(file)));
  }

  private static void refuse(List<Path> strangers) {
    if (!strangers.isEmpty()) {
      throw new ModelException(
          strangers.get(0)
              + ": expected a tokenizer as "
              + KNOWN_FILES
              + "; this kind is not read; "
              + OlderFiles.SAVE_AS_JSON);
    }
  }

  private static Tokenizer huggingFace(Path file, TokenizerConfig config) {
    TokenizerClass kind =
        config.className().flatMap(TokenizerClasses::named).orElse(TokenizerClasses.UNNAMED);
    return HuggingFaceJsonTokenizer.of(
        ModelFiles.read(file, MAX_JSON_BYTES), file, "Hugging Face", config, kind);
  }

  /** Files of the first folder that has any. */
  private static List<Path> named(ModelFiles files, Pattern name) {
    return files.folders().stream()
        .map(folder -> named(folder, name))
        .filter(found -> !found.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  private static List<Path> named(Path folder, Pattern name) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> name.matcher(String.valueOf(file.getFileName())).matches())
          .filter(Files::isRegularFile)
          .sorted()
          .collect(Collectors.toList());
    } catch (IOException e) {
      throw new ModelException(folder + ": cannot be listed: " + e, e);
    }
  }
}
