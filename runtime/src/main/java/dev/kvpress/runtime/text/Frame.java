package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.kvpress.runtime.ModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * The ids that stand around every text of a model.
 *
 * @param opening before it, usually BOS
 * @param closing behind it, usually nothing
 */
record Frame(ImmutableIntArray opening, ImmutableIntArray closing) {
  static final Frame NONE = new Frame(ImmutableIntArray.of(), ImmutableIntArray.of());

  /** The frame of a class that decides by flags alone. */
  static Frame of(TokenizerConfig config, TokenizerClass kind, OptionalInt bos, OptionalInt eos) {
    return NONE.with(TokenizerConfig.ADD_BOS, config, kind.addsBos(), bos)
        .with(TokenizerConfig.ADD_EOS, config, kind.addsEos(), eos);
  }

  /**
   * The frame that a {@code post_processor} makes. A flag of the configuration still counts where
   * it says something else.
   */
  static Frame of(
      JsonNode postProcessor, Path file, TokenizerConfig config, OptionalInt bos, OptionalInt eos) {
    Frame own = new Template(file).frame(postProcessor);
    boolean opens = bos.isPresent() && own.opening.contains(bos.getAsInt());
    boolean closes = eos.isPresent() && own.closing.contains(eos.getAsInt());
    Frame frame = own;
    if (config.flag(TokenizerConfig.ADD_BOS).orElse(opens) != opens) {
      frame =
          opens
              ? new Frame(without(own.opening, bos.getAsInt()), own.closing)
              : frame.with(TokenizerConfig.ADD_BOS, config, true, bos);
    }
    if (config.flag(TokenizerConfig.ADD_EOS).orElse(closes) != closes) {
      frame =
          closes
              ? new Frame(frame.opening, without(own.closing, eos.getAsInt()))
              : frame.with(TokenizerConfig.ADD_EOS, config, true, eos);
    }
    return frame;
  }

  private static ImmutableIntArray without(ImmutableIntArray ids, int id) {
    return ImmutableIntArray.copyOf(ids.stream().filter(other -> other != id));
  }

  private Frame with(String flag, TokenizerConfig config, boolean otherwise, OptionalInt id) {
    if (!config.flag(flag).orElse(otherwise)) {
      return this;
    }
    boolean begins = flag.equals(TokenizerConfig.ADD_BOS);
    int token =
        id.orElseThrow(
            () ->
                new ModelException(
                    "the tokenizer is to %s every text with a token (%s), but none is known; name it in %s as %s, or set %s to false"
                        .formatted(
                            begins ? "begin" : "end",
                            flag,
                            TokenizerConfig.FILE,
                            begins ? SpecialNames.BOS : SpecialNames.EOS,
                            flag)));
    return begins
        ? new Frame(ImmutableIntArray.builder().add(token).addAll(opening).build(), closing)
        : new Frame(opening, ImmutableIntArray.builder().addAll(closing).add(token).build());
  }

  /** Ids of a text that is to go on: opened, and by its first token no more than once. */
  int[] open(int[] ids) {
    int from = 0;
    if (!opening.isEmpty()) {
      int last = opening.get(opening.length() - 1);
      while (from < ids.length && ids[from] == last) {
        from++;
      }
    }
    return Ints.concat(opening.toArray(), Arrays.copyOfRange(ids, from, ids.length));
  }

  /** Reads a post processor. */
  private static final class Template {
    private final Path file;

    Template(Path file) {
      this.file = file;
    }

    Frame frame(JsonNode processor) {
      switch (processor.path("type").asText()) {
        case "TemplateProcessing":
          return template(processor);
        case "BertProcessing":
        case "RobertaProcessing":
          return new Frame(
              ImmutableIntArray.of(id(processor.path("cls").path(1))),
              ImmutableIntArray.of(id(processor.path("sep").path(1))));
        case "Sequence":
          Frame whole = NONE;
          for (JsonNode member : processor.path("processors")) {
            Frame next = frame(member);
            whole =
                new Frame(concat(next.opening, whole.opening), concat(whole.closing, next.closing));
          }
          return whole;
        default:
          // ByteLevel moves offsets only.
          return NONE;
      }
    }

    private Frame template(JsonNode processor) {
      List<Integer> opening = new ArrayList<>();
      List<Integer> closing = new ArrayList<>();
      boolean behind = false;
      for (JsonNode piece : processor.path("single")) {
        if (piece.has("Sequence")) {
          if (behind || !piece.path("Sequence").path("id").asText().equals("A")) {
            throw strange("single: expected the text once, found " + processor.path("single"));
          }
          behind = true;
        } else {
          String name = piece.path("SpecialToken").path("id").asText();
          JsonNode ids = processor.path("special_tokens").path(name).path("ids");
          if (!ids.isArray() || ids.isEmpty()) {
            throw strange("special_tokens: expected ids for \"" + name + "\", found none");
          }
          List<Integer> side = behind ? closing : opening;
          ids.forEach(id -> side.add(id(id)));
        }
      }
      if (!behind) {
        throw strange("single: expected the text, found " + processor.path("single"));
      }
      return new Frame(ImmutableIntArray.copyOf(opening), ImmutableIntArray.copyOf(closing));
    }

    private int id(JsonNode id) {
      if (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() > Vocabulary.MAX_ID) {
        throw strange("expected a token id, found " + id);
      }
      return id.intValue();
    }

    private ModelException strange(String what) {
      return new ModelException(file + ": post_processor: " + what);
    }

    private static ImmutableIntArray concat(ImmutableIntArray first, ImmutableIntArray second) {
      return ImmutableIntArray.builder().addAll(first).addAll(second).build();
    }
  }
}
