package dev.kvpress.runtime.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** One tokenizer of each kind that is read, by name. */
public final class AllTokenizers {
  private AllTokenizers() {}

  /** Their names. */
  public static Stream<String> names() {
    return Stream.of(
        "gpt2",
        "llama3",
        "qwen2",
        "metaspace_first",
        "metaspace_always",
        "metaspace_never",
        "llama_legacy",
        "gemma",
        "wordpiece",
        "wordlevel",
        "added",
        "suffix",
        "code",
        "prefix_space",
        "sp-llama",
        "sp-unigram",
        "sp-gemma",
        "llama2c");
  }

  /** Puts one into a folder and reads it there. */
  public static Tokenizer open(String name, Path folder) throws IOException {
    switch (name) {
      case "llama2c" ->
          Files.write(
              folder.resolve("tokenizer.bin"),
              new TokenizerBytes().withByteVocabulary().pieces(" a", 1f, "b", 1f, "é", 1f).bytes());
      case "sp-llama", "sp-unigram", "sp-gemma" -> {
        Files.copy(
            Reference.model(name.substring(3) + ".model"), folder.resolve("tokenizer.model"));
        String kind = name.equals("sp-gemma") ? "GemmaTokenizer" : "LlamaTokenizer";
        Files.writeString(
            folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"" + kind + "\"}");
      }
      default ->
          Files.copy(Reference.model(name + ".tokenizer.json"), folder.resolve("tokenizer.json"));
    }
    return Tokenizers.find(folder).orElseThrow();
  }
}
