package dev.kvpress.runtime.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import dev.kvpress.runtime.ModelException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A {@code tokenizer.json} through the native library that Hugging Face's own Python package wraps,
 * bound to Java by DJL.
 *
 * <p>Only the rules of the file itself count: DJL's reading of {@code tokenizer_config.json} (lower
 * case, accents, clean-up, truncation at 512) is left out, since the Python package does not do
 * these at this place either.
 */
final class HuggingFaceJsonTokenizer implements Tokenizer {
  private static final Map<String, String> OPTIONS =
      Map.of("addSpecialTokens", "true", "truncation", "false", "padding", "false");

  private final HuggingFaceTokenizer tokenizer;
  private final String description;
  private final int vocabularySize;
  private final OptionalInt bosId;
  private final ImmutableSet<Integer> eosIds;
  private final boolean addSpecialTokens;
  private final boolean opensWithBos;

  private HuggingFaceJsonTokenizer(
      HuggingFaceTokenizer tokenizer,
      String description,
      TokenizerJson vocabulary,
      SpecialTokens special) {
    this.tokenizer = tokenizer;
    this.description = description;
    this.vocabularySize = vocabulary.vocabularySize();
    ImmutableSet<Integer> bosIds = known(vocabulary, special.bosNames(), special.bosIds());
    this.bosId = bosIds.isEmpty() ? OptionalInt.empty() : OptionalInt.of(bosIds.asList().get(0));
    this.eosIds = known(vocabulary, special.eosNames(), special.eosIds());
    this.addSpecialTokens = special.addBos().orElse(true);
    int[] opening = addSpecialTokens ? raw("") : new int[0];
    this.opensWithBos =
        bosId.isPresent()
            && (special.addBos().orElse(false)
                || (opening.length > 0 && opening[0] == bosId.getAsInt()));
  }

  /**
   * Loads a tokenizer.
   *
   * @param json content of a tokenizer.json, as read or as built from older files
   * @param file where it comes from, for messages
   * @param kind words for {@link #describe()}
   * @throws ModelException if the file is broken or the native library cannot be loaded
   */
  static HuggingFaceJsonTokenizer of(byte[] json, Path file, String kind, SpecialTokens special) {
    TokenizerJson vocabulary = TokenizerJson.scan(json, file, special.names());
    NativeLibrary.prepare();
    try {
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), OPTIONS);
      return new HuggingFaceJsonTokenizer(
          tokenizer, kind + " " + file.getFileName(), vocabulary, special);
    } catch (LinkageError e) {
      throw NativeLibrary.absent(e);
    } catch (IOException | RuntimeException e) {
      throw new ModelException(
          file + ": the tokenizer library refuses it: " + e.getMessage() + "; is it complete?", e);
    }
  }

  /** Names come first: they are the tokenizer's own word, the ids those of the model beside it. */
  private static ImmutableSet<Integer> known(
      TokenizerJson vocabulary, Iterable<String> names, Iterable<Integer> ids) {
    ImmutableSet.Builder<Integer> known = ImmutableSet.builder();
    for (String name : names) {
      Integer id = vocabulary.ids().get(name);
      if (id != null) {
        known.add(id);
      }
    }
    for (int id : ids) {
      // Configurations of models without such a token carry library defaults that mean nothing.
      if (id >= 0 && id < vocabulary.vocabularySize()) {
        known.add(id);
      }
    }
    return known.build();
  }

  private int[] raw(String text) {
    long[] ids = tokenizer.encode(text, addSpecialTokens, false).getIds();
    return Arrays.stream(ids).mapToInt(Ints::checkedCast).toArray();
  }

  @Override
  public int[] encode(String text) {
    int[] ids = raw(Utf16.wellFormed(text));
    if (!opensWithBos) {
      return ids;
    }
    int from = 0;
    while (from < ids.length && ids[from] == bosId.getAsInt()) {
      from++;
    }
    return Ints.concat(new int[] {bosId.getAsInt()}, Arrays.copyOfRange(ids, from, ids.length));
  }

  @Override
  public String decode(int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= vocabularySize) {
        throw new IllegalArgumentException(
            "token id " + id + " is outside the vocabulary of " + vocabularySize + " pieces");
      }
    }
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  @Override
  public OptionalInt bosId() {
    return bosId;
  }

  @Override
  public OptionalInt eosId() {
    return eosIds.isEmpty() ? OptionalInt.empty() : OptionalInt.of(eosIds.asList().get(0));
  }

  @Override
  public boolean endsText(int id) {
    return eosIds.contains(id);
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public String describe() {
    return description;
  }
}
