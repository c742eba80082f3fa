package dev.kvpress.compare.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.Ints;
import dev.kvpress.compare.serve.ServedDemo.Reply;
import dev.kvpress.compare.serve.ServedDemo.Settings;
import dev.kvpress.runtime.generate.Compression;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.generate.PromptScores;
import dev.kvpress.runtime.generate.ScoreRequest;
import dev.kvpress.runtime.generate.SharedContext;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /v1/completions} held against the library. */
class CompletionRouteTest {
  private static final String STORY = "Once there was a small village by the river";
  private static final String MILL = "Mara kept the red key in the old mill.";

  @TempDir static Path folder;
  private static ServedDemo demo;

  @BeforeAll
  static void start() {
    demo = new ServedDemo(folder, Settings.USUAL);
  }

  @AfterAll
  static void stop() {
    demo.close();
  }

  private static Generation library(String prompt, Compression compression) {
    return demo.generator.generate(
        GenerationRequest.text(prompt).compressedBy(compression).atMost(8));
  }

  private static String text(Reply reply) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json().at("/choices/0/text").asText();
  }

  @Test
  void textsAndFiguresAreTheLibrarys() {
    Reply reply = demo.completion("'prompt':'" + STORY + "'");
    Generation expected = library(STORY, Compression.NONE);
    assertThat(text(reply)).isEqualTo(expected.text());
    JsonNode json = reply.json();
    assertThat(json.get("object").asText()).isEqualTo("text_completion");
    assertThat(json.get("id").asText()).startsWith("cmpl-");
    assertThat(json.get("model").asText()).isEqualTo("demo");
    assertThat(json.at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(json.at("/choices/0/logprobs").isNull()).isTrue();
    assertThat(json.at("/usage/prompt_tokens").asInt())
        .isEqualTo(demo.generator.tokens(new Prompt.Text(STORY)).length());
    assertThat(json.at("/usage/completion_tokens").asInt()).isEqualTo(8);
    assertThat(json.at("/usage/total_tokens").asInt())
        .isEqualTo(json.at("/usage/prompt_tokens").asInt() + 8);
    assertThat(json.at("/kvpress/press").asText()).isEqualTo("baseline");
    assertThat(json.at("/kvpress/choices/0/achieved_ratio").asDouble()).isZero();
  }

  @Test
  void aPressIsNamedInTheModelInAnAliasOrInFields() {
    Generation expected = library(STORY, ServedDemo.compression(ServedDemo.H2O, 0.5));
    String prompt = "'prompt':'" + STORY + "','max_tokens':8,'temperature':0";
    List<Reply> replies =
        List.of(
            demo.post(
                "/v1/completions", "{'model':'demo:" + ServedDemo.H2O + "@0.5'," + prompt + "}"),
            demo.post("/v1/completions", "{'model':'org/half'," + prompt + "}"),
            demo.completion(
                "'prompt':'"
                    + STORY
                    + "','press':'"
                    + ServedDemo.H2O
                    + "','compression_ratio':0.5"));
    for (Reply reply : replies) {
      assertThat(text(reply)).isEqualTo(expected.text());
      JsonNode own = reply.json().get("kvpress");
      assertThat(own.get("press").asText()).isEqualTo(ServedDemo.H2O);
      assertThat(own.get("compression_ratio").asDouble()).isEqualTo(0.5);
      JsonNode choice = own.at("/choices/0");
      assertThat(choice.get("kept_tokens").asLong()).isEqualTo(expected.usage().keptTokens());
      assertThat(choice.get("seen_tokens").asLong()).isEqualTo(expected.usage().seenTokens());
      assertThat(choice.at("/bytes/full").asLong()).isEqualTo(expected.usage().fullBytes());
      assertThat(choice.at("/bytes/logical").asLong())
          .isEqualTo(expected.usage().logicalBytes())
          .isLessThan(choice.at("/bytes/full").asLong());
    }
  }

  @Test
  void choicesOfSeveralPromptsComePromptByPrompt() {
    String ids = demo.generator.tokens(new Prompt.Text(MILL)).toString();
    Reply reply = demo.completion("'prompt':['" + STORY + "','" + MILL + "'],'n':2,'n':2");
    // The later of two fields of one name would be a silent choice.
    assertThat(reply.status()).isEqualTo(400);
    reply = demo.completion("'prompt':['" + STORY + "','" + MILL + "'],'n':2");
    JsonNode choices = reply.json().get("choices");
    assertThat(choices).hasSize(4);
    for (int i = 0; i < 4; i++) {
      assertThat(choices.get(i).get("index").asInt()).isEqualTo(i);
      assertThat(choices.get(i).get("text").asText())
          .isEqualTo(library(i < 2 ? STORY : MILL, Compression.NONE).text());
    }
    assertThat(text(demo.completion("'prompt':" + ids)))
        .isEqualTo(library(MILL, Compression.NONE).text());
    assertThat(text(demo.completion("'prompt':[" + ids + "]")))
        .isEqualTo(library(MILL, Compression.NONE).text());
  }

  @Test
  void aSeedRepeatsAndAnswersDiffer() {
    String fields = "{'model':'demo','prompt':'" + STORY + "','max_tokens':12,'n':3,'seed':%d}";
    Reply first = demo.post("/v1/completions", fields.formatted(5));
    Reply again = demo.post("/v1/completions", fields.formatted(5));
    Reply other = demo.post("/v1/completions", fields.formatted(77));
    assertThat(texts(again)).isEqualTo(texts(first)).doesNotHaveDuplicates();
    assertThat(texts(other)).isNotEqualTo(texts(first));
    assertThat(first.json().at("/kvpress/choices/2/seed").asLong()).isEqualTo(7);
    Reply drawn =
        demo.post("/v1/completions", "{'model':'demo','prompt':'" + STORY + "','max_tokens':12}");
    long seed = drawn.json().at("/kvpress/choices/0/seed").asLong();
    Reply repeated =
        demo.post(
            "/v1/completions",
            "{'model':'demo','prompt':'" + STORY + "','max_tokens':12,'seed':" + seed + "}");
    assertThat(texts(repeated)).isEqualTo(texts(drawn));
  }

  private static List<String> texts(Reply reply) {
    return StreamSupport.stream(reply.json().get("choices").spliterator(), false)
        .map(choice -> choice.get("text").asText())
        .toList();
  }

  @Test
  void aStreamJoinsToTheWholeAnswer() {
    String request =
        "{'model':'demo','temperature':0,'logprobs':1,'max_tokens':8,'prompt':['%s','%s']"
            .formatted(STORY, MILL);
    Reply whole = demo.post("/v1/completions", request + "}");
    Reply stream =
        demo.post(
            "/v1/completions", request + ",'stream':true,'stream_options':{'include_usage':true}}");
    assertThat(stream.header("content-type")).startsWith("text/event-stream");
    List<JsonNode> pieces = stream.pieces();
    JsonNode last = pieces.get(pieces.size() - 1);
    assertThat(last.get("choices")).isEmpty();
    assertThat(last.get("usage")).isEqualTo(whole.json().get("usage"));
    assertThat(last.at("/kvpress/choices")).hasSize(2);
    for (int i = 0; i < 2; i++) {
      int index = i;
      List<JsonNode> own =
          pieces.stream()
              .map(piece -> piece.at("/choices/0"))
              .filter(choice -> choice.path("index").asInt(-1) == index)
              .toList();
      JsonNode expected = whole.json().get("choices").get(i);
      assertThat(String.join("", own.stream().map(c -> c.get("text").asText()).toList()))
          .isEqualTo(expected.get("text").asText());
      assertThat(own.get(own.size() - 1).get("finish_reason").asText()).isEqualTo("length");
      assertThat(own.subList(0, own.size() - 1))
          .allMatch(choice -> choice.get("finish_reason").isNull());
      for (String list : List.of("tokens", "token_logprobs", "top_logprobs", "text_offset")) {
        List<JsonNode> joined =
            own.stream()
                .flatMap(c -> StreamSupport.stream(c.at("/logprobs/" + list).spliterator(), false))
                .toList();
        assertThat(joined).as(list).hasSize(8);
        if (!list.contains("logprobs")) {
          assertThat(ServedDemo.JSON.valueToTree(joined).toString())
              .isEqualTo(expected.at("/logprobs/" + list).toString());
        }
      }
    }
  }

  @Test
  void anEchoWithOneTokenIsWhatHarnessesRead() {
    String ids = demo.generator.tokens(new Prompt.Text(MILL)).toString();
    Reply reply =
        demo.plain("'prompt':" + ids + ",'max_tokens':1,'echo':true,'logprobs':1,'seed':1234");
    JsonNode logprobs = reply.json().at("/choices/0/logprobs");
    PromptScores scores =
        demo.generator.score(
            new ScoreRequest(
                new Prompt.Tokens(demo.generator.tokens(new Prompt.Text(MILL))),
                Compression.NONE,
                OptionalInt.empty(),
                1));
    int count = scores.tokens().size();
    for (String list : List.of("tokens", "token_logprobs", "top_logprobs", "text_offset")) {
      assertThat(logprobs.get(list)).as(list).hasSize(count + 1);
    }
    assertThat(logprobs.at("/token_logprobs/0").isNull()).isTrue();
    assertThat(logprobs.at("/top_logprobs/0").isNull()).isTrue();
    for (int i = 1; i < count; i++) {
      double own = logprobs.get("token_logprobs").get(i).asDouble();
      assertThat(own).isCloseTo(scores.tokens().get(i).logProbability(), within(1e-6));
      double best =
          StreamSupport.stream(logprobs.get("top_logprobs").get(i).spliterator(), false)
              .mapToDouble(JsonNode::asDouble)
              .max()
              .orElseThrow();
      boolean likeliest =
          scores.tokens().get(i).alternatives().get(0).id() == scores.tokens().get(i).id();
      assertThat(best == own).isEqualTo(likeliest);
    }
  }

  @Test
  void anEchoOfATextHasItsTokensAloneAndPlacesInCharacters() {
    Reply reply = demo.plain("'prompt':'A 🦊 sang.','max_tokens':0,'echo':true,'logprobs':0");
    JsonNode choice = reply.json().at("/choices/0");
    assertThat(choice.get("text").asText()).isEqualTo("A 🦊 sang.");
    JsonNode offsets = choice.at("/logprobs/text_offset");
    int sent = demo.generator.words().tokenizer().encodeFragment("A 🦊 sang.").length;
    assertThat(choice.at("/logprobs/tokens")).hasSize(sent);
    // The beginning of texts stands before the first token, which so has a figure.
    assertThat(choice.at("/logprobs/token_logprobs/0").isNumber()).isTrue();
    assertThat(offsets.get(sent - 1).asInt()).isEqualTo("A x sang".length());
    assertThat(reply.json().at("/usage/completion_tokens").asInt()).isZero();
    assertThat(reply.json().at("/kvpress/choices/0").get("context_times_ms").isNull()).isTrue();
    assertThat(reply.json().at("/usage/prompt_tokens").asInt()).isEqualTo(sent + 1);
  }

  @ParameterizedTest
  @CsvSource({"a</s>b, 0 1 5", "<s>Hi, 0 3 4"})
  void whatIsBehindASpecialTokenThatWasSentStandsBehindItsSpelling(String sent, String offsets) {
    Reply reply = demo.plain("'prompt':'" + sent + "','max_tokens':2,'echo':true,'logprobs':0");
    JsonNode choice = reply.json().at("/choices/0");
    assertThat(choice.get("text").asText()).startsWith(sent);
    List<String> places =
        StreamSupport.stream(choice.at("/logprobs/text_offset").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    assertThat(String.join(" ", places)).startsWith(offsets + " " + sent.length());
  }

  @Test
  void anEndTokenStandsBehindTheText() {
    int end = demo.generator.words().tokenizer().eosId().orElseThrow();
    Reply reply =
        demo.plain(
            "'prompt':'Once there was a small','max_tokens':3,'logprobs':0,'stop_token_ids':["
                + lastOf(demo.plain("'prompt':'Once there was a small','max_tokens':3"))
                + "],'logit_bias':{'"
                + end
                + "':-100}");
    JsonNode choice = reply.json().at("/choices/0");
    JsonNode offsets = choice.at("/logprobs/text_offset");
    assertThat(choice.get("finish_reason").asText()).isEqualTo("stop");
    assertThat(offsets.get(offsets.size() - 1).asInt())
        .isEqualTo(choice.get("text").asText().length());
  }

  /** The id of the last token of an answer. */
  private static int lastOf(Reply reply) {
    int[] ids = demo.generator.words().tokenizer().encodeFragment(text(reply));
    return ids[ids.length - 1];
  }

  @Test
  void anEndTokenIsTheLastOfTheLists() {
    int end = demo.generator.words().tokenizer().eosId().orElseThrow();
    Reply reply =
        demo.plain(
            "'prompt':[1,2,3],'max_tokens':1,'echo':true,'logprobs':1,'logit_bias':{'"
                + end
                + "':100}");
    JsonNode choice = reply.json().at("/choices/0");
    assertThat(choice.get("finish_reason").asText()).isEqualTo("stop");
    assertThat(choice.at("/logprobs/token_logprobs")).hasSize(4);
  }

  @Test
  void aContextIsReadAndCutBeforeThePromptIsKnown() {
    Compression press = ServedDemo.compression(ServedDemo.H2O, 0.5);
    String expected;
    try (SharedContext context = demo.generator.compress(new Prompt.Text(STORY), press)) {
      expected =
          demo.generator
              .generate(GenerationRequest.text(" Where is it?").behind(context).atMost(8))
              .text();
    }
    String fields = "'press':'" + ServedDemo.H2O + "','compression_ratio':0.5,";
    Reply behind = demo.completion(fields + "'context':'" + STORY + "','prompt':' Where is it?'");
    assertThat(text(behind)).isEqualTo(expected);
    int length = demo.generator.tokens(new Prompt.Text(STORY)).length();
    String ids =
        ServedDemo.JSON
            .valueToTree(
                Ints.concat(
                    demo.generator.tokens(new Prompt.Text(STORY)).toArray(),
                    demo.generator.words().tokenizer().encodeFragment(" Where is it?")))
            .toString();
    Reply cut = demo.completion(fields + "'prompt':" + ids + ",'context_tokens':" + length);
    assertThat(text(cut)).isEqualTo(expected);
    assertThat(cut.json().at("/kvpress/choices/0/context_tokens").asInt()).isEqualTo(length);
    Reply beyond = demo.completion(fields + "'prompt':[1,2],'context_tokens':2");
    assertThat(beyond.error().get("param").asText()).isEqualTo("context_tokens");
  }

  @Test
  void aKeptMapTellsEveryTokenOfThePrompt() {
    Reply reply =
        demo.completion(
            "'prompt':'"
                + STORY
                + "','kept_map':true,'press':'"
                + ServedDemo.H2O
                + "','compression_ratio':0.5");
    JsonNode choice = reply.json().at("/kvpress/choices/0");
    JsonNode map = choice.get("kept_map");
    int tokens = demo.generator.tokens(new Prompt.Text(STORY)).length();
    assertThat(map.get("ids")).hasSize(tokens);
    assertThat(map.get("text")).hasSize(tokens);
    double kept =
        StreamSupport.stream(map.get("share").spliterator(), false)
            .mapToDouble(JsonNode::asDouble)
            .sum();
    double share = choice.get("kept_tokens").asDouble() / choice.get("seen_tokens").asDouble();
    assertThat(kept / tokens).isCloseTo(share, within(1e-9));
  }

  @Test
  void aStopStringEndsATextBeforeIt() {
    String whole = text(demo.completion("'prompt':'" + STORY + "'"));
    String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 3);
    Reply reply = demo.completion("'prompt':'" + STORY + "','stop':['" + stop + "','@@@']");
    assertThat(text(reply)).isEqualTo(whole.substring(0, whole.indexOf(stop)));
    assertThat(reply.json().at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(text(demo.completion("'prompt':'" + STORY + "','stop':[]"))).isEqualTo(whole);
  }

  @Test
  void tokensAndTextsAreTurnedIntoEachOther() {
    JsonNode tokens = demo.post("/tokenize", "{'prompt':'" + MILL + "'}").json();
    assertThat(tokens.get("tokens").toString().replace(",", ", "))
        .isEqualTo(demo.generator.tokens(new Prompt.Text(MILL)).toString());
    assertThat(tokens.get("count").asInt()).isEqualTo(tokens.get("tokens").size());
    assertThat(tokens.get("max_model_len").asInt()).isEqualTo(4096);
    JsonNode plain = demo.post("/tokenize", "{'prompt':'</s>','add_special_tokens':false}").json();
    assertThat(plain.get("tokens")).hasSize(1);
    assertThat(
            demo.post("/detokenize", "{'tokens':" + tokens.get("tokens") + "}")
                .json()
                .get("prompt")
                .asText())
        .isEqualTo("<s>" + MILL);
    assertThat(demo.get("/tokenizer_info").json().get("eos_token").asText()).isEqualTo("</s>");
  }
}
