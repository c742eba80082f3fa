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
      "tokenizer.json, vocab.json with merges.txt, tokenizer.bin or tok<size>.bin";

  private static final String HUGGING_FACE = "tokenizer.json";
  private static final Pattern LLAMA2C = Pattern.compile("tokenizer\\.bin|tok\\d+\\.bin");

  /** Vocabularies of current models take up to 35 MB. */
  private static final long MAX_JSON_BYTES = 512L << 20;

  private Tokenizers() {}

  /**
   * The tokenizer of a model.
   *
   * @param modelFolderOrFile a model's folder, a model file (its folder counts), or a tokenizer
   *     file itself
   * @return empty if there is none; the model then runs on token ids only
   * @throws ModelException if the path does not exist, the files are broken, or several tokenizers
   *     lie there and none is the obvious one
   */
  public static Optional<Tokenizer> find(Path modelFolderOrFile) {
    if (!Files.exists(modelFolderOrFile)) {
      throw new ModelException(
          modelFolderOrFile + ": no such file or folder; give a model's folder or file");
    }
    if (Files.isDirectory(modelFolderOrFile)) {
      return inFolder(modelFolderOrFile);
    }
    Path folder = modelFolderOrFile.resolveSibling("");
    String name = String.valueOf(modelFolderOrFile.getFileName());
    if (name.equals(HUGGING_FACE)) {
      return Optional.of(huggingFace(modelFolderOrFile, folder));
    }
    if (LLAMA2C.matcher(name).matches()) {
      return Optional.of(new Llama2cTokenizer(Llama2cVocabulary.read(modelFolderOrFile)));
    }
    return inFolder(folder);
  }

  private static Optional<Tokenizer> inFolder(Path folder) {
    Path json = folder.resolve(HUGGING_FACE);
    if (Files.isRegularFile(json)) {
      return Optional.of(huggingFace(json, folder));
    }
    Path vocabulary = folder.resolve(Gpt2Files.VOCABULARY);
    if (Files.isRegularFile(vocabulary) && Files.isRegularFile(folder.resolve(Gpt2Files.MERGES))) {
      return Optional.of(
          HuggingFaceJsonTokenizer.of(
              Gpt2Files.tokenizerJson(folder),
              vocabulary,
              "byte-level BPE",
              SpecialTokens.read(folder).orElseBothEnds(Gpt2Files.END_OF_TEXT)));
    }
    return llama2c(folder).map(file -> new Llama2cTokenizer(Llama2cVocabulary.read(file)));
  }

  private static Tokenizer huggingFace(Path file, Path folder) {
    try {
      long size = Files.size(file);
      if (size > MAX_JSON_BYTES) {
        throw new ModelException(
            file + ": expected at most " + MAX_JSON_BYTES + " bytes, found " + size);
      }
      return HuggingFaceJsonTokenizer.of(
          Files.readAllBytes(file), file, "Hugging Face", SpecialTokens.read(folder));
    } catch (IOException e) {
      throw new ModelException(file + ": cannot be read: " + e, e);
    }
  }

  private static Optional<Path> llama2c(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files
              .filter(file -> LLAMA2C.matcher(String.valueOf(file.getFileName())).matches())
              .filter(Files::isRegularFile)
              .sorted()
              .collect(Collectors.toList());
      if (found.size() > 1) {
        throw new ModelException(
            folder
                + ": found several tokenizers ("
                + found.stream()
                    .map(file -> String.valueOf(file.getFileName()))
                    .collect(Collectors.joining(", "))
                + "); leave only the one that belongs to the model");
      }
      return found.stream().findFirst();
    } catch (IOException e) {
      throw new ModelException(folder + ": cannot be listed: " + e, e);
    }
  }
}
