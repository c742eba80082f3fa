package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.serve.ask.TokenReader;
import dev.kvpress.compare.serve.model.PressDesk;
import dev.kvpress.compare.serve.wire.JsonText;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.OptionalInt;

/** Tells the tokens of texts and the text of tokens, in the form that vLLM gave these routes. */
final class TokenDesk {
  private final Generator generator;
  private final PressDesk desk;

  TokenDesk(Generator generator, PressDesk desk) {
    this.generator = generator;
    this.desk = desk;
  }

  /** {@code POST /tokenize}: the tokens of a prompt as the model would read it. */
  ObjectNode tokenize(TokenReader.Tokenize asked) {
    asked.model().ifPresent(desk::named);
    ImmutableIntArray ids =
        Faults.about(
            asked.field(),
            () ->
                asked.piece().isPresent()
                    ? generator.fragment(asked.piece().get())
                    : generator.tokens(asked.prompt().orElseThrow()));
    ObjectNode answer = JsonText.object();
    ArrayNode tokens = answer.putArray("tokens");
    ids.forEach(tokens::add);
    answer.put("count", ids.length());
    ModelDesk.putPositions(answer, desk.model());
    return answer;
  }

  /** {@code POST /detokenize}: the text of tokens, with special ones spelled out. */
  ObjectNode detokenize(TokenReader.Detokenize asked) {
    asked.model().ifPresent(desk::named);
    Tokenizer tokenizer = generator.words().tokenizer();
    StringBuilder text = new StringBuilder();
    ImmutableIntArray.Builder run = ImmutableIntArray.builder();
    for (int id : asked.ids().asList()) {
      if (isSpecial(tokenizer, id)) {
        text.append(generator.text(run.build())).append(tokenizer.spelling(id));
        run = ImmutableIntArray.builder();
      } else {
        run.add(id);
      }
    }
    ObjectNode answer = JsonText.object();
    answer.put("prompt", text.append(generator.text(run.build())).toString());
    return answer;
  }

  private static boolean isSpecial(Tokenizer tokenizer, int id) {
    return tokenizer.endsText(id)
        || tokenizer.bosId().equals(OptionalInt.of(id))
        || tokenizer.eosId().equals(OptionalInt.of(id));
  }

  /** {@code GET /tokenizer_info}: the tokens that begin and end texts, as they are spelled. */
  ObjectNode info() {
    Tokenizer tokenizer = generator.words().tokenizer();
    ObjectNode answer = JsonText.object();
    answer.put("tokenizer_class", tokenizer.describe());
    putSpelling(answer, "bos_token", tokenizer, tokenizer.bosId());
    putSpelling(answer, "eos_token", tokenizer, tokenizer.eosId());
    answer.putNull("pad_token");
    answer.putNull("chat_template");
    return answer;
  }

  private static void putSpelling(
      ObjectNode answer, String name, Tokenizer tokenizer, OptionalInt id) {
    if (id.isPresent()) {
      answer.put(name, tokenizer.spelling(id.getAsInt()));
    } else {
      answer.putNull(name);
    }
  }
}
