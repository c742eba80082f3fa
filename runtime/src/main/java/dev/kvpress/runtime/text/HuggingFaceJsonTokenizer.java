package dev.kvpress.runtime.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.google.common.primitives.Ints;
import dev.kvpress.runtime.ModelException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A {@code tokenizer.json} through the native library that Hugging Face's own Python package wraps,
 * bound to Java by DJL.
 *
 * <p>DJL's reading of {@code tokenizer_config.json} (lower case, accents, clean-up, truncation at
 * 512) is left out; what transformers takes from it is done here.
 */
final class HuggingFaceJsonTokenizer implements Tokenizer {
  private static final Map<String, String> OPTIONS =
      Map.of("addSpecialTokens", "true", "truncation", "false", "padding", "false");

  /**
   * On much longer texts the library's expressions give up, and with them the whole program; it
   * does the same where Java has no memory for the ids, 8 bytes each and up to three a character.
   */
  private static final int LONGEST_TEXT =
      (int) Math.min(1 << 23, Runtime.getRuntime().maxMemory() / 128);

  private final HuggingFaceTokenizer tokenizer;
  private final Path file;
  private final String description;
  private final int vocabularySize;
  private final SpecialIds special;
  private final Frame frame;
  private final PieceFlow flow;
  private final TokenReach reach;
  private final BitSet bytes;

  private HuggingFaceJsonTokenizer(
      HuggingFaceTokenizer tokenizer,
      Path file,
      String kind,
      TokenizerJson json,
      SpecialIds special,
      Frame frame) {
    this.tokenizer = tokenizer;
    this.file = file;
    this.description =
        "%s %s (sha256 %s)".formatted(kind, file.getFileName(), Digest.of(json.content()));
    this.vocabularySize = json.size();
    this.special = special;
    this.reach = TokenReach.of(json);
    this.frame = frame;
    this.flow = PieceFlow.of(json.parts().decoder());
    this.bytes = flow.bytesWait() ? json.vocabulary().bytes() : new BitSet();
  }

  /**
   * Loads a tokenizer.
   *
   * @param content of a tokenizer.json, as read or as built from older files
   * @param file where it comes from, for messages
   * @param words for {@link #describe()}
   * @throws ModelException if the file is broken or the native library cannot be loaded
   */
  static HuggingFaceJsonTokenizer of(
      byte[] content, Path file, String words, TokenizerConfig config, TokenizerClass kind) {
    TokenizerJson json = TokenizerJson.of(content, file, config, kind);
    Map<String, AddedToken> tokens = new HashMap<>();
    json.tokens().tokens().forEach(token -> tokens.put(token.content(), token));
    SpecialIds special =
        SpecialIds.of(
            config, kind, text -> AddedTokens.id(text, tokens, json.vocabulary()), json.size());
    OptionalInt bos = special.firstBos();
    OptionalInt eos = special.firstEos();
    Frame frame =
        kind.framesItself()
            ? Frame.of(config, kind, bos, eos)
            : Frame.of(json.parts().postProcessor(), file, config, bos, eos);
    NativeLibrary.prepare();
    try {
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json.content()), OPTIONS);
      return new HuggingFaceJsonTokenizer(tokenizer, file, words, json, special, frame);
    } catch (LinkageError e) {
      throw NativeLibrary.absent(e);
    } catch (IOException | RuntimeException e) {
      throw new ModelException(
          file + ": the tokenizer library refuses it: " + e.getMessage() + "; is it complete?", e);
    }
  }

  @Override
  public int[] encodeFragment(String text) {
    if (text.length() > LONGEST_TEXT) {
      throw new IllegalArgumentException(
          "expected a text of at most %,d characters, found %,d; cut it into several, or give Java more memory (-Xmx)"
              .formatted(LONGEST_TEXT, text.length()));
    }
    try {
      return Arrays.stream(ids(Utf16.wellFormed(text))).mapToInt(Ints::checkedCast).toArray();
    } catch (RuntimeException e) {
      throw new ModelException(
          file + ": the tokenizer library cannot encode the text: " + e.getMessage(), e);
    }
  }

  /**
   * Ids alone: DJL's own method fetches spellings, places and masks of every token too, and where
   * Java has no memory for these the library ends the whole program.
   */
  private long[] ids(String text) {
    long encoding = TokenizersLibrary.LIB.encode(tokenizer.getHandle(), text, false);
    try {
      return TokenizersLibrary.LIB.getTokenIds(encoding);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  @Override
  public long fewestTokens(String text) {
    return reach.fewestTokens(text);
  }

  @Override
  public int[] encode(String text) {
    return frame.open(encodeFragment(text));
  }

  @Override
  public int[] encodeWhole(String text) {
    return Ints.concat(encode(text), frame.closing().toArray());
  }

  @Override
  public String decode(int[] ids) {
    return decode(ids, true);
  }

  private String decode(int[] ids, boolean withoutSpecial) {
    for (int id : ids) {
      if (id < 0) {
        throw new IllegalArgumentException("expected token ids from 0 on, found " + id);
      }
    }
    try {
      return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), withoutSpecial);
    } catch (RuntimeException e) {
      throw new ModelException(
          file + ": the tokenizer library cannot decode the ids: " + e.getMessage(), e);
    }
  }

  @Override
  public String spelling(int id) {
    return decode(new int[] {id}, false);
  }

  @Override
  public boolean leavesOpen(int id) {
    return !flow.settles() || bytes.get(id);
  }

  @Override
  public OptionalInt bosId() {
    return special.firstBos();
  }

  @Override
  public OptionalInt eosId() {
    return special.firstEos();
  }

  @Override
  public boolean endsText(int id) {
    return special.eos().contains(id);
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
