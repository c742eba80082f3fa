package dev.kvpress.runtime.text;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.text.sentencepiece.PieceDecoder;
import dev.kvpress.runtime.text.sentencepiece.SentencePieceModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A SentencePiece model with special tokens around it, as the slow tokenizers of transformers wrap
 * the library. Where these and the fast ones differ (a text that begins with a space, characters
 * that the model's map changes), the SentencePiece model is right: it is what the language model
 * was trained with.
 */
final class SentencePieceTokenizer implements Tokenizer {
  static final String FILE = "tokenizer.model";

  private static final String MARK = "▁";

  private final String description;
  private final SentencePieceModel model;
  private final Map<Integer, AddedToken> added = new HashMap<>();
  private final AddedTokenSplitter splitter;
  private final SpecialIds special;
  private final Frame frame;
  private final boolean prefix;
  private final boolean prefixOnce;
  private final int size;
  private final TokenReach reach;

  private SentencePieceTokenizer(
      String description, SentencePieceModel model, TokenizerConfig config, TokenizerClass kind) {
    this.description = description;
    this.model = model;
    Map<String, Integer> pieces = new HashMap<>();
    for (int id = 0; id < model.size(); id++) {
      pieces.putIfAbsent(model.piece(id), id);
    }
    List<AddedToken> tokens = tokens(model, pieces, config, kind);
    tokens.forEach(token -> added.put(token.id().orElseThrow(), token));
    this.splitter = new AddedTokenSplitter(tokens);
    this.size =
        tokens.stream()
            .mapToInt(token -> token.id().orElseThrow() + 1)
            .reduce(model.size(), Math::max);
    Map<String, Integer> ids = new HashMap<>(pieces);
    tokens.forEach(token -> ids.put(token.content(), token.id().orElseThrow()));
    this.special =
        SpecialIds.of(
            config,
            kind,
            text -> {
              Integer id = ids.get(text);
              return id == null ? OptionalInt.empty() : OptionalInt.of(id);
            },
            size);
    this.frame = Frame.of(config, kind, special.firstBos(), special.firstEos());
    boolean wanted = config.flag(TokenizerConfig.ADD_PREFIX_SPACE).orElse(true);
    this.prefixOnce = kind.prefixesByFlag() && !config.flag(TokenizerConfig.LEGACY).orElse(true);
    this.prefix =
        kind.prefixesByFlag()
            ? wanted && (prefixOnce || model.addsDummyPrefix())
            : model.addsDummyPrefix();
    this.reach = reach(model, tokens);
  }

  private static TokenReach reach(SentencePieceModel model, List<AddedToken> tokens) {
    if (model.mostCharacters().isEmpty()) {
      return TokenReach.UNKNOWN;
    }
    int longest = model.mostCharacters().getAsInt();
    boolean strips = model.removesExtraSpaces();
    for (AddedToken token : tokens) {
      longest = Math.max(longest, token.content().length());
      strips |= token.lstrip() || token.rstrip();
    }
    return TokenReach.of(longest, strips);
  }

  /**
   * Reads a model file.
   *
   * @param content of the file
   * @throws ModelException naming the file and what in it is broken or not supported
   */
  static SentencePieceTokenizer of(
      byte[] content, Path file, TokenizerConfig config, TokenizerClass kind) {
    String description =
        "SentencePiece (%s) %s (sha256 %s)"
            .formatted(kind.name(), file.getFileName(), Digest.of(content));
    try {
      return new SentencePieceTokenizer(
          description, SentencePieceModel.read(content), config, kind);
    } catch (IllegalArgumentException e) {
      throw new ModelException(
          file + ": " + e.getMessage() + "; a tokenizer.json beside it would be taken instead", e);
    }
  }

  /** Control pieces count wherever a text spells them; so do the tokens of the configuration. */
  private static List<AddedToken> tokens(
      SentencePieceModel model,
      Map<String, Integer> pieces,
      TokenizerConfig config,
      TokenizerClass kind) {
    Map<String, AddedToken> tokens = new LinkedHashMap<>();
    for (int id = 0; id < model.size(); id++) {
      if (model.isControl(id)) {
        tokens.put(model.piece(id), AddedToken.named(model.piece(id)).withId(id));
      }
    }
    for (AddedToken token : config.added()) {
      if (!token.content().isEmpty()) {
        Integer piece = pieces.get(token.content());
        tokens.put(token.content(), piece == null ? token : token.withId(piece));
      }
    }
    for (AddedToken token : config.named(kind, pieces::containsKey)) {
      tokens.merge(token.content(), token, (before, named) -> before.asSpecial());
    }
    int next = model.size();
    for (AddedToken token : tokens.values()) {
      next = Math.max(next, token.id().orElse(-1) + 1);
    }
    List<AddedToken> complete = new ArrayList<>();
    for (AddedToken token : tokens.values()) {
      Integer piece = pieces.get(token.content());
      complete.add(token.id().isPresent() ? token : token.withId(piece == null ? next++ : piece));
    }
    return complete;
  }

  @Override
  public int[] encode(String text) {
    return frame.open(encodeFragment(text));
  }

  @Override
  public int[] encodeFragment(String text) {
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    String whole = Utf16.wellFormed(text);
    if (prefixOnce) {
      whole = whole.replace(MARK, " ");
    }
    boolean first = true;
    for (AddedTokenSplitter.Section section : splitter.split(whole)) {
      if (section.id().isPresent()) {
        ids.add(section.id().getAsInt());
      } else if (!prefixOnce) {
        ids.addAll(model.encode(section.text(), prefix));
      } else if (first && prefix) {
        ids.addAll(model.encodeNext(MARK + section.text()));
      } else if (section.text().startsWith(" ")) {
        ids.addAll(model.encodeNext(section.text()));
      } else {
        ids.addAll(model.encode(section.text(), false));
      }
      first = false;
    }
    return ids.build().toArray();
  }

  @Override
  public long fewestTokens(String text) {
    return reach.fewestTokens(text);
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
    PieceDecoder decoder = model.decoder(prefix);
    for (int id : ids) {
      if (id < 0) {
        throw new IllegalArgumentException("expected token ids from 0 on, found " + id);
      }
      AddedToken token = added.get(id);
      if (token != null) {
        if (!(withoutSpecial && token.special())) {
          decoder.append(token.content());
        }
      } else if (id < model.size()) {
        decoder.append(id);
      }
    }
    return decoder.text();
  }

  @Override
  public String spelling(int id) {
    return decode(new int[] {id}, false);
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
    return size;
  }

  @Override
  public String describe() {
    return description;
  }
}
