package dev.kvpress.compare.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.serve.ServedDemo.Reply;
import dev.kvpress.compare.serve.ServedDemo.Settings;
import dev.kvpress.runtime.generate.Compression;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.generate.SharedContext;
import dev.kvpress.runtime.saved.ContextNotes;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /v1/chat/completions} held against the library, and the contexts that are kept. */
class ChatRouteTest {
  private static final String FACTS =
      "Mara kept the red key in the old mill. The baker walked over the bridge and sang.";
  private static final String HALF = "'press':'" + ServedDemo.H2O + "','compression_ratio':0.5,";

  @TempDir static Path folder;
  private static ServedDemo demo;

  @BeforeAll
  static void start() {
    demo = new ServedDemo(folder, Settings.USUAL.withContexts(folder.resolve("contexts"), 2));
  }

  @AfterAll
  static void stop() {
    demo.close();
  }

  private static String said(Reply reply) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json().at("/choices/0/message/content").asText();
  }

  private static String messages(String system, String user) {
    return "'messages':[{'role':'system','content':'"
        + system
        + "'},{'role':'user','content':'"
        + user
        + "'}]";
  }

  private static String keyed(String key, String system, String user) {
    return HALF + "'prompt_cache_key':'" + key + "'," + messages(system, user);
  }

  @Test
  void answersAreTheLibrarysWholeAndInPieces() {
    String expected = demo.generator.generate(GenerationRequest.chat("Who sang?").atMost(8)).text();
    String fields = "'messages':[{'role':'user','content':[{'type':'text','text':'Who sang?'}]}]";
    Reply whole = demo.chat(fields);
    assertThat(said(whole)).isEqualTo(expected);
    assertThat(whole.json().get("object").asText()).isEqualTo("chat.completion");
    assertThat(whole.json().at("/choices/0/message/role").asText()).isEqualTo("assistant");
    List<JsonNode> pieces =
        demo.chat(fields + ",'stream':true,'logprobs':true,'top_logprobs':2").pieces();
    assertThat(pieces.get(0).at("/choices/0/delta/role").asText()).isEqualTo("assistant");
    StringBuilder joined = new StringBuilder();
    for (JsonNode piece : pieces) {
      assertThat(piece.get("object").asText()).isEqualTo("chat.completion.chunk");
      joined.append(piece.at("/choices/0/delta/content").asText());
    }
    assertThat(joined.toString()).isEqualTo(expected);
    assertThat(pieces.get(1).at("/choices/0/logprobs/content/0/top_logprobs")).hasSize(2);
    JsonNode last = pieces.get(pieces.size() - 1);
    assertThat(last.at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(last.at("/kvpress/choices/0/generated_tokens").asInt()).isEqualTo(8);
  }

  @Test
  void aKeyKeepsTheContextAndNeverAnswersOnAnother() {
    String expected;
    Compression press = ServedDemo.compression(ServedDemo.H2O, 0.5);
    Prompt context = new Prompt.Chat(List.of(new ChatMessage("system", FACTS)));
    try (SharedContext shared = demo.generator.compress(context, press)) {
      expected =
          demo.generator
              .generate(
                  GenerationRequest.chat(List.of(ChatMessage.user("Who sang?")))
                      .behind(shared)
                      .atMost(8))
              .text();
    }
    Reply first = demo.chat(keyed("a", FACTS, "Who sang?"));
    Reply second = demo.chat(keyed("a", FACTS, "Who sang?"));
    assertThat(said(first)).isEqualTo(expected);
    assertThat(said(second)).isEqualTo(expected);
    String cached = "/usage/prompt_tokens_details/cached_tokens";
    String took = "/kvpress/choices/0/context_times_ms";
    assertThat(first.json().at(took + "/prefill").asDouble()).isPositive();
    assertThat(second.json().at(took).isNull()).isTrue();
    assertThat(first.json().at(cached).asInt()).isZero();
    assertThat(second.json().at(cached).asInt())
        .isEqualTo(demo.generator.contextTokens(context).length());
    Reply other = demo.chat(keyed("a", FACTS + " Tomas slept.", "Who sang?"));
    assertThat(other.json().at(cached).asInt()).isZero();
    assertThat(demo.chat(keyed("a", FACTS, "Who sang?")).json().at(cached).asInt()).isZero();
    Reply fullCache = demo.chat("'prompt_cache_key':'a'," + messages(FACTS, "Who sang?"));
    assertThat(fullCache.json().at(cached).asInt()).isZero();
    assertThat(fullCache.json().at("/kvpress/choices/0/achieved_ratio").asDouble()).isZero();
  }

  @Test
  void theShelfHoldsNoMoreThanItMay() throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      said(demo.chat(keyed("many" + i, FACTS, "Who sang?")));
      assertThat(demo.shelf.size()).isLessThanOrEqualTo(2);
    }
    // What was taken off is closed; nothing else holds a cache.
    demo.awaitQuiet();
    for (int i = 0; i < 500 && demo.shelf.bytes() != demo.generator.cacheBytes(); i++) {
      Thread.sleep(10);
    }
    assertThat(demo.shelf.bytes()).isEqualTo(demo.generator.cacheBytes());
  }

  @Test
  void keptContextsAreFoundAgainAfterARestart(@TempDir Path other) throws IOException {
    Settings settings = Settings.USUAL.withContexts(other.resolve("contexts"), 2);
    String expected;
    try (ServedDemo before = new ServedDemo(folder, settings)) {
      expected = said(before.chat(keyed("b", FACTS, "Who sang?")));
    }
    String cached = "/usage/prompt_tokens_details/cached_tokens";
    try (ServedDemo after = new ServedDemo(folder, settings)) {
      Reply reply = after.chat(keyed("b", FACTS, "Who sang?"));
      assertThat(said(reply)).isEqualTo(expected);
      assertThat(reply.json().at(cached).asInt()).isPositive();
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(other.resolve("contexts/by-key"))) {
      files = all.toList();
    }
    assertThat(files).hasSize(1);
    byte[] bytes = Files.readAllBytes(files.get(0));
    bytes[bytes.length / 2] ^= 8;
    Files.write(files.get(0), bytes);
    try (ServedDemo damaged = new ServedDemo(folder, settings)) {
      Reply reply = damaged.chat(keyed("b", FACTS, "Who sang?"));
      assertThat(said(reply)).isEqualTo(expected);
      assertThat(reply.json().at(cached).asInt()).isZero();
    }
  }

  @Test
  void aKeptFileThatIsNotWhatItsNameSaysIsMadeAgain(@TempDir Path other) throws IOException {
    Settings settings = Settings.USUAL.withContexts(other.resolve("contexts"), 2);
    String third =
        keyed("c", FACTS, "Who sang?").replace(HALF, "'press':'knorm','compression_ratio':0.3,");
    JsonNode expected;
    try (ServedDemo before = new ServedDemo(folder, settings)) {
      said(before.chat(keyed("c", FACTS, "Who sang?")));
      expected = before.chat(third).json();
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(other.resolve("contexts/by-key"))) {
      files = all.sorted().toList();
    }
    assertThat(files).hasSize(2);
    Path aside = other.resolve("aside");
    Files.move(files.get(0), aside);
    Files.move(files.get(1), files.get(0));
    Files.move(aside, files.get(1));
    try (ServedDemo after = new ServedDemo(folder, settings)) {
      JsonNode found = after.chat(third).json();
      for (String figure :
          List.of(
              "/usage/prompt_tokens_details/cached_tokens",
              "/kvpress/choices/0/kept_tokens",
              "/choices/0/message/content")) {
        assertThat(found.at(figure)).as(figure).isEqualTo(expected.at(figure));
      }
    }
  }

  @Test
  void theFoldersListHasFilesAlone() throws IOException {
    Files.createDirectories(folder.resolve("contexts/drawer.safetensors"));
    Reply none = demo.completion("'prompt':'Who?','stored_context':'drawer'");
    assertThat(none.status()).isEqualTo(404);
    assertThat(none.error().get("message").asText())
        .contains("no stored context 'drawer'")
        .doesNotContain("there is drawer", ", drawer");
  }

  @Test
  void aStoredContextAnswersWithItsOwnPress() throws IOException {
    Path contexts = folder.resolve("contexts");
    Compression press = ServedDemo.compression(ServedDemo.H2O, 0.5);
    String expected;
    String goneOn;
    try (SharedContext shared = demo.generator.compress(new Prompt.Text(FACTS), press)) {
      shared.save(
          contexts.resolve("mill.safetensors"),
          new ContextNotes(
              ServedDemo.H2O,
              press.budget().describe(),
              ContextNotes.NONE.origin(),
              new ContextNotes.Prompt("none", " ", "\n")));
      expected =
          demo.generator
              .generate(GenerationRequest.text(" Who sang?\n").behind(shared).atMost(8))
              .text();
      goneOn =
          demo.generator
              .generate(GenerationRequest.text(" Who sang?").behind(shared).atMost(8))
              .text();
    }
    // The file says what stands around questions of a chat; a completion goes on with its text.
    assertThat(goneOn).isNotEqualTo(expected);
    Reply chat =
        demo.chat("'messages':[{'role':'user','content':'Who sang?'}],'stored_context':'mill'");
    assertThat(said(chat)).isEqualTo(expected);
    Reply reply = demo.completion("'prompt':' Who sang?','stored_context':'mill'");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(reply.json().at("/choices/0/text").asText()).isEqualTo(goneOn);
    assertThat(reply.json().at("/kvpress/press").asText()).isEqualTo(ServedDemo.H2O);
    assertThat(reply.json().at("/kvpress/compression_ratio").asDouble()).isEqualTo(0.5);
    Reply twice = demo.completion(HALF + "'prompt':'Who?','stored_context':'mill'");
    assertThat(twice.error().get("param").asText()).isEqualTo("press");
    Reply none = demo.completion("'prompt':'Who?','stored_context':'mull'");
    assertThat(none.status()).isEqualTo(404);
    assertThat(none.error().get("message").asText()).contains("mill");
    for (String name : List.of("../mill", "by-key/x", "", ".mill", "mill.safetensors/..")) {
      Reply path = demo.completion("'prompt':'Who?','stored_context':'" + name + "'");
      assertThat(path.status()).as(name).isEqualTo(400);
    }
  }

  @Test
  void aDamagedStoredContextIsNamedWithoutItsPath() throws IOException {
    Files.writeString(folder.resolve("contexts/bad.safetensors"), "nothing of the kind");
    Reply reply = demo.completion("'prompt':'Who?','stored_context':'bad'");
    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.error().get("code").asText()).isEqualTo("context_unusable");
    assertThat(reply.error().get("message").asText())
        .contains("'bad'")
        .doesNotContain(folder.toString());
    assertThat(demo.get("/health").status()).isEqualTo(200);
  }

  @Test
  void aContextIsTheBeginningOfWhatTheUserSays() {
    Compression press = ServedDemo.compression(ServedDemo.H2O, 0.5);
    String expected;
    Prompt context = new Prompt.Chat(List.of(ChatMessage.user(FACTS)));
    try (SharedContext shared = demo.generator.compress(context, press)) {
      expected =
          demo.generator
              .generate(GenerationRequest.text(" Who sang?").behind(shared).atMost(8))
              .text();
    }
    Reply reply =
        demo.chat(
            HALF + "'context':'" + FACTS + "','messages':[{'role':'user','content':' Who sang?'}]");
    assertThat(said(reply)).isEqualTo(expected);
  }
}
