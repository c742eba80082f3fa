package dev.kvpress.runtime.decode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.runtime.text.PromptFrame;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Figures of kvpress's presses that read a context again, and the prompts they were made with. */
final class SecondPassFixture {
  static final Path FOLDER = Path.of("../test-data/reference/second-pass");

  private final String name;
  private final JsonNode figures;

  private SecondPassFixture(String name) {
    this.name = name;
    try {
      figures = JsonMapper.builder().build().readTree(FOLDER.resolve(name + ".json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static SecondPassFixture of(String name) {
    return new SecondPassFixture(name);
  }

  /** The cases of one press. */
  JsonNode cases(String press) {
    return figures.get(press);
  }

  /** The context. */
  int[] ids() {
    return DecodeFixtures.ints(figures.get("ids"));
  }

  DecoderModel open(Path cache) {
    return DecoderModel.open(
        Path.of("../test-data/reference/architectures").resolve(name),
        DecodeFixtures.oneThread(cache));
  }

  /** The prompts of the figures, behind so many tokens of a template. */
  PromptFrame frame(int prefixTokens) {
    Tokenizer tokenizer = new FigureTokenizer(Arrays.copyOf(ids(), prefixTokens));
    return PromptFrame.of(
        tokenizer,
        prefixTokens == 0
            ? Optional.empty()
            : Optional.of(
                ChatTemplate.of("test", "PREFIX{{ messages[0].content }}SUFFIX", Map.of())));
  }

  private final class FigureTokenizer implements Tokenizer {
    private final int[] prefix;

    FigureTokenizer(int[] prefix) {
      this.prefix = prefix;
    }

    @Override
    public int[] encode(String text) {
      throw new IllegalStateException("no text is begun");
    }

    @Override
    public int[] encodeFragment(String text) {
      return switch (text) {
        case "PREFIX" -> prefix;
        case "\n", "SUFFIX" -> DecodeFixtures.ints(figures.get("suffix"));
        case "\n\nRepeat the previous context exactly." ->
            DecodeFixtures.ints(figures.get("prompts").get(0));
        case "\n\nRepeat the part of the previous context exactly, starting with" ->
            DecodeFixtures.ints(figures.get("prompts").get(1));
        default -> throw new IllegalStateException("a prompt that was not to come: " + text);
      };
    }

    @Override
    public String decode(int[] ids) {
      throw new IllegalStateException("nothing is decoded");
    }

    @Override
    public OptionalInt bosId() {
      return OptionalInt.empty();
    }

    @Override
    public OptionalInt eosId() {
      return OptionalInt.empty();
    }

    @Override
    public boolean endsText(int id) {
      return false;
    }

    @Override
    public int vocabularySize() {
      return 1;
    }

    @Override
    public String describe() {
      return "test";
    }
  }
}
