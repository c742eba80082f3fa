package dev.kvpress.compare.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.serve.ServedDemo.Reply;
import dev.kvpress.compare.serve.ServedDemo.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be answered is refused by its name, in JSON, whatever it is. */
class RefusalsTest {
  @TempDir static Path folder;
  private static ServedDemo demo;

  @BeforeAll
  static void start() {
    demo = new ServedDemo(folder, Settings.USUAL.withIdle(Duration.ofMillis(700)));
  }

  @AfterAll
  static void stop() {
    demo.close();
  }

  private static JsonNode error(Reply reply) {
    assertThat(reply.header("content-type")).isEqualTo("application/json");
    JsonNode error = reply.error();
    assertThat(error.properties()).hasSize(4);
    assertThat(error.get("message").asText())
        .isNotBlank()
        .doesNotContain("dev.kvpress", "jackson", "Exception", folder.toString());
    return error;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'model':5,'prompt':'x'                                   | model",
        "'prompt':'x'                                             | model",
        "'model':'demo'                                           | prompt",
        "'model':'demo','prompt':null                             | prompt",
        "'model':'demo','prompt':{}                               | prompt",
        "'model':'demo','prompt':[]                               | prompt",
        "'model':'demo','prompt':[1,'x']                          | prompt[1]",
        "'model':'demo','prompt':[[1],[]]                         | prompt[1]",
        "'model':'demo','prompt':[-1]                             | prompt[0]",
        "'model':'demo','prompt':[1.5]                            | prompt[0]",
        "'model':'demo','prompt':[99999999999]                    | prompt[0]",
        "'model':'demo','prompt':[1,1000000000]                   | prompt[1]",
        "'model':'demo','prompt':[[1],[1,1000000000]]             | prompt[1][1]",
        "'model':'demo','prompt':'x','context':[1000000000]       | context[0]",
        "'model':'demo','prompt':'x','stop_token_ids':[10000000]  | stop_token_ids[0]",
        "'model':'demo','prompt':'x','logit_bias':{'999999':1}    | logit_bias.999999",
        "'model':'demo','prompt':'x','logit_bias':{'48':-100,'048':100} | logit_bias",
        "'model':'demo','prompt':'x','n':3,'seed':9223372036854775807 | seed",
        "'model':'demo','prompt':'','context':'Once'              | prompt",
        "'model':'demo','prompt':'x','max_tokens':'5'             | max_tokens",
        "'model':'demo','prompt':'x','max_tokens':0               | max_tokens",
        "'model':'demo','prompt':'x','max_tokens':1e999           | max_tokens",
        "'model':'demo','prompt':'x','max_tokens':5000            | max_tokens",
        "'model':'demo','prompt':'x','max_tokens':true            | max_tokens",
        "'model':'demo','prompt':'x','temperature':2.5            | temperature",
        "'model':'demo','prompt':'x','temperature':1e999          | temperature",
        "'model':'demo','prompt':'x','temperature':'0'            | temperature",
        "'model':'demo','prompt':'x','top_p':0                    | top_p",
        "'model':'demo','prompt':'x','n':0                        | n",
        "'model':'demo','prompt':'x','n':17                       | n",
        "'model':'demo','prompt':['x','y'],'n':9                  | prompt",
        "'model':'demo','prompt':'x','best_of':2                  | best_of",
        "'model':'demo','prompt':'x','suffix':'y'                 | suffix",
        "'model':'demo','prompt':'x','stop':''                    | stop",
        "'model':'demo','prompt':'x','stop':[5]                   | stop",
        "'model':'demo','prompt':'x','stop':['1','1','1','1','1','1','1','1','1','1','1','1','1','1','1','1','1'] | stop",
        "'model':'demo','prompt':'x','logprobs':21                | logprobs",
        "'model':'demo','prompt':'x','logprobs':true              | logprobs",
        "'model':'demo','prompt':'x','logit_bias':{'a':1}         | logit_bias",
        "'model':'demo','prompt':'x','logit_bias':{'1':101}       | logit_bias.1",
        "'model':'demo','prompt':'x','seed':1.5                   | seed",
        "'model':'demo','prompt':'x','stream':'yes'               | stream",
        "'model':'demo','prompt':'x','stream_options':{}          | stream_options",
        "'model':'demo','prompt':'x','stream':true,'stream_options':{'usage':true} | stream_options.usage",
        "'model':'demo','prompt':'x','store':true                 | store",
        "'model':'demo','prompt':'x','press':'h2p'                | press",
        "'model':'demo','prompt':'x','press':'h2o'                | compression_ratio",
        "'model':'demo','prompt':'x','press':'h2o(','compression_ratio':0.5 | press",
        "'model':'demo','prompt':'x','press':'h2o','compression_ratio':1 | compression_ratio",
        "'model':'demo','prompt':'x','compression_ratio':0.5      | compression_ratio",
        "'model':'demo','prompt':'x','press':'h2o','compression_ratio':0.5,'kv_budget':5 | kv_budget",
        "'model':'demo:h2o@0.5','prompt':'x','press':'knorm'      | press",
        "'model':'demo:h2o@0.5','prompt':'x','compression_ratio':0.6 | compression_ratio",
        "'model':'demo:h2o@1.5','prompt':'x'                      | model",
        "'model':'demo','prompt':'x','echo':true,'context':'y'    | echo",
        "'model':'demo','prompt':'x','context':'y','context_tokens':1 | context_tokens",
        "'model':'demo','prompt':'x','stored_context':'y'         | stored_context",
        "'model':'demo','prompt':'x','max_tokenz':1               | max_tokenz",
      })
  void aFieldThatCannotBeIsNamed(String fields, String param) {
    Reply reply = demo.post("/v1/completions", "{" + fields + "}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(error(reply).get("param").asText()).isEqualTo(param);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'messages':[]                                            | messages",
        "'messages':['x']                                         | messages[0]",
        "'messages':[{'content':'x'}]                             | messages[0].role",
        "'messages':[{'role':'tool','content':'x'}]               | messages[0].role",
        "'messages':[{'role':'user'}]                             | messages[0].content",
        "'messages':[{'role':'user','content':5}]                 | messages[0].content",
        "'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'x'}}]}] | messages[0].content[0].type",
        "'messages':[{'role':'user','content':'x','name':'y'}]    | messages[0].name",
        "'messages':[{'role':'user','content':'x'}],'tools':[{}]  | tools",
        "'messages':[{'role':'user','content':'x'}],'response_format':{'type':'json_object'} | response_format",
        "'messages':[{'role':'user','content':'x'}],'modalities':['audio'] | modalities",
        "'messages':[{'role':'user','content':'x'}],'reasoning_effort':'high' | reasoning_effort",
        "'messages':[{'role':'user','content':'x'}],'top_logprobs':2 | top_logprobs",
        "'messages':[{'role':'user','content':'x'}],'logprobs':3  | logprobs",
        "'messages':[{'role':'user','content':'x'}],'max_completion_tokens':9 | max_tokens",
        "'messages':[{'role':'assistant','content':'x'}],'prompt_cache_key':'k' | messages",
        "'messages':[{'role':'user','content':'x'}],'echo':true   | echo",
      })
  void soIsOneOfAConversation(String fields, String param) {
    Reply reply = demo.chat(fields);
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(error(reply).get("param").asText()).isEqualTo(param);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'user':'me'",
        "'metadata':{'a':'b'}",
        "'store':false",
        "'service_tier':'auto'",
        "'suffix':null",
        "'best_of':1",
        "'n':null",
        "'stop':null",
        "'logit_bias':{}",
        "'logprobs':null",
        "'top_k':-1",
        "'safety_identifier':'s'"
      })
  void fieldsThatChangeNothingArePassedOver(String field) {
    assertThat(demo.completion("'prompt':'Once'," + field).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "5",
        "[]",
        "'x'",
        "{",
        "{'model':}",
        "{'model':'demo'",
        "{'a':1,'a':2}",
        "{'model':'demo'} {}",
        "{'model':'demo'} x",
        "{'model':NaN}",
        "{'model':'\\ud800'}",
        "{model:'demo'}",
        "{'a':01}",
        "{'a':+1}",
        "{'a':1e}",
        "/* */ {}",
        "{'a':'\\x'}",
        "{'model':'demo','prompt':'\\ud83e'}"
      })
  void bodiesThatAreNoJsonObjectAreRefused(String body) {
    Reply reply = demo.post("/v1/completions", body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    error(reply);
  }

  @Test
  void depthAndLengthOfNumbersAndNamesHaveAnEnd() {
    for (String body :
        new String[] {
          "[".repeat(100_000),
          "{'a':" + "[".repeat(5000) + "]".repeat(5000) + "}",
          "{'prompt':" + "9".repeat(100_000) + "}",
          "{'" + "n".repeat(100_000) + "':1}",
          "{'model':'" + "m".repeat(100_000) + "','prompt':'x'}",
          "{'model':'demo:" + "composed(".repeat(100) + "','prompt':'x'}"
        }) {
      Reply reply = demo.post("/v1/completions", body);
      assertThat(reply.status()).isBetween(400, 404);
      assertThat(error(reply).get("message").asText()).hasSizeLessThan(3000);
    }
  }

  @Test
  void idsBeyondTheVocabularyAndPromptsBeyondThePositionsAreRefused() {
    Reply unknown = demo.completion("'prompt':[1,4000000]");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(error(unknown).get("message").asText()).contains("4000000");
    Reply biased = demo.completion("'prompt':[1],'logit_bias':{'4000000':1}");
    assertThat(biased.status()).isEqualTo(400);
    Reply tooLong = demo.completion("'prompt':[" + "5,".repeat(4096) + "5]");
    assertThat(tooLong.status()).isEqualTo(400);
    assertThat(error(tooLong).get("code").asText()).isEqualTo("context_length_exceeded");
    assertThat(error(tooLong).get("param").asText()).isEqualTo("prompt");
    Reply context = demo.completion("'prompt':'x','context':[" + "5,".repeat(4096) + "5]");
    assertThat(error(context).get("param").asText()).isEqualTo("context");
    Reply scored =
        demo.completion("'prompt':[" + "5,".repeat(4096) + "5],'echo':true,'logprobs':0");
    assertThat(error(scored).get("param").asText()).isEqualTo("prompt");
    Reply chat = demo.chat("'messages':[{'role':'user','content':'" + "a b ".repeat(5000) + "'}]");
    assertThat(error(chat).get("param").asText()).isEqualTo("messages");
    Reply spelled = demo.post("/detokenize", "{'model':'demo','tokens':[1,99999]}");
    assertThat(spelled.status()).isEqualTo(400);
    assertThat(error(spelled).get("param").asText()).isEqualTo("tokens[1]");
  }

  @Test
  void aPressThatCannotFollowTokenByTokenSaysTheWayOut() {
    Reply reply =
        demo.plain(
            "'prompt':'Once there was','max_tokens':1,'echo':true,'logprobs':1,'press':'kvzip','compression_ratio':0.5");
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(error(reply).get("message").asText()).contains("context");
  }

  @Test
  void bodiesOfOtherKindsAreRefused() {
    HttpRequest.Builder plain =
        HttpRequest.newBuilder(demo.uri("/v1/completions"))
            .header("Content-Type", "text/plain")
            .POST(HttpRequest.BodyPublishers.ofString("{}"));
    assertThat(demo.send(plain).status()).isEqualTo(415);
    HttpRequest.Builder none =
        HttpRequest.newBuilder(demo.uri("/v1/completions"))
            .POST(HttpRequest.BodyPublishers.ofString("{}"));
    assertThat(demo.send(none).status()).isEqualTo(415);
    Reply zipped =
        demo.send(demo.request("/v1/completions", "{}").header("Content-Encoding", "gzip"));
    assertThat(zipped.status()).isEqualTo(415);
    error(zipped);
    byte[] bad = "{\"model\":\"d\u00e9mo\"}".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(sendBytes(bad).error().get("message").asText()).contains("UTF-8");
    byte[] marked = "\ufeff{}".getBytes(StandardCharsets.UTF_8);
    assertThat(sendBytes(marked).error().get("message").asText()).contains("byte order mark");
  }

  private static Reply sendBytes(byte[] body) {
    Reply reply =
        demo.send(
            HttpRequest.newBuilder(demo.uri("/v1/completions"))
                .header("Content-Type", "application/json; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    assertThat(reply.status()).isEqualTo(400);
    return reply;
  }

  @Test
  void aBodyBeyondTheLimitIs413() {
    Reply reply = demo.post("/v1/completions", "{'prompt':'" + "x".repeat(1 << 20) + "'}");
    assertThat(reply.status()).isEqualTo(413);
    error(reply);
    String head =
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    assertThat(raw(head + "Content-Length: 99999999999\r\n\r\n")).contains(" 413 ", "\"error\"");
    // Nothing of it comes, and it would not be taken if it did.
    assertThat(raw(head + "Content-Length: 1500000\r\n\r\n")).contains(" 413 ", "\"error\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NONSENSE\\r\\n\\r\\n                                              | 400",
        "GET /health\\r\\n\\r\\n                                           | 400",
        "GET /health HTTP/9.9\\r\\nHost: localhost\\r\\n\\r\\n             | 400",
        "GET /health HTTP/1.1\\r\\n\\r\\n                                  | 400",
        "GET /health HTTP/1.0\\r\\n\\r\\n                                  | 403",
        "GET /health HTTP/1.1\\r\\nHost: a b\\r\\n\\r\\n                   | 400",
        "GET /health HTTP/1.1\\r\\nHost: evil.example\\r\\n\\r\\n          | 403",
        "GET /health HTTP/1.1\\r\\nHost localhost\\r\\n\\r\\n              | 400",
        "GET /%zz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n                | 400",
        "POST /v1/completions HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: -1\\r\\n\\r\\n | 400",
        "POST /v1/completions HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\n | 400",
        "POST /v1/completions HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\nTransfer-Encoding: gzip, chunked\\r\\n\\r\\n0\\r\\n\\r\\n | 415",
        "POST /v1/completions HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\nContent-Length: 50\\r\\n\\r\\n{ | 408",
      })
  void whatIsNoRequestAtAllIsToldInJson(String sent, int status) {
    String answer = raw(sent.replace("\\r\\n", "\r\n"));
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("{\"error\":{\"message\"");
    assertThat(answer).doesNotContain("Jetty", "jetty");
  }

  @Test
  void headersHaveAnEnd() {
    String flood = "GET /health HTTP/1.1\r\nHost: localhost\r\n" + "A: b\r\n".repeat(10_000);
    assertThat(raw(flood + "\r\n")).contains(" 431 ", "\"error\"");
  }

  /** What a server says to some bytes, until it has nothing more to say. */
  private static String raw(String sent) {
    try (Socket socket = new Socket("127.0.0.1", demo.server.port())) {
      socket.setSoTimeout(5000);
      OutputStream out = socket.getOutputStream();
      try {
        out.write(sent.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
      } catch (IOException e) {
        // It has answered already and does not listen any more.
      }
      StringBuilder answer = new StringBuilder();
      int next = socket.getInputStream().read();
      while (next >= 0) {
        answer.append((char) next);
        int length = answer.length();
        boolean whole = answer.toString().endsWith("}}");
        next = whole && length > 0 ? -1 : socket.getInputStream().read();
      }
      return answer.toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
