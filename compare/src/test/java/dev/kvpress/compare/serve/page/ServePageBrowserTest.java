package dev.kvpress.compare.serve.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.browser.Browser;
import dev.kvpress.compare.report.FolderFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** What the server's page does, in a real browser, with a server that does as it is told. */
class ServePageBrowserTest extends PageTest {
  @Test
  void asksBothSidesForWhatIsChosen() {
    PageDriver.bothAnswer(server);
    page.type("right-ratio", "0.75");
    page.type("max-tokens", "7");
    page.type("temperature", "0.5");
    page.type("seed", "11");
    page.compare("A story.", "And then?");
    assertThat(server.asked()).hasSize(2).allMatch(asked -> asked.path().equals("/v1/completions"));
    for (FakeServer.Asked asked : server.asked()) {
      boolean full = asked.body().get("press").asText().equals("baseline");
      ObjectNode expected = asked.body().<ObjectNode>deepCopy().removeAll();
      expected.put("model", "demo").put("stream", true);
      expected
          .putObject("stream_options")
          .put("include_usage", true)
          .put("continuous_usage_stats", true);
      expected.put("max_tokens", 7).put("temperature", 0.5).put("seed", 11);
      expected.put("press", full ? "baseline" : "knorm").put("kept_map", true);
      if (!full) {
        expected.put("compression_ratio", 0.75);
      }
      expected.put("context", "A story.").put("prompt", "And then?");
      assertThat(asked.body()).isEqualTo(expected);
    }
  }

  @Test
  void asksAModelWithATemplateInAConversation() {
    server.models(PageDriver.MODELS.replace("\"chat\":false", "\"chat\":true"));
    page.open(Browser.DESKTOP, "light");
    for (String press : List.of("baseline", "knorm")) {
      server.reply(
          press,
          asked -> {
            asked.event(Chunks.delta("Hel"));
            asked.event(Chunks.delta("lo"));
            asked.raw("data: [DONE]\n\n");
          });
    }
    page.compare("", "Hi?");
    assertThat(page.text("left-answer")).isEqualTo("Hello");
    assertThat(server.asked())
        .hasSize(2)
        .allSatisfy(
            asked -> {
              assertThat(asked.path()).isEqualTo("/v1/chat/completions");
              assertThat(asked.body().has("context")).isFalse();
              assertThat(asked.body().get("messages").toString())
                  .isEqualTo("[{\"role\":\"user\",\"content\":\"Hi?\"}]");
            });
  }

  @Test
  void showsTextAsItArrives() {
    CountDownLatch seen = new CountDownLatch(1);
    server.reply("knorm", PageDriver.answer("other", PageDriver.someFigures(0.5)));
    server.reply(
        "baseline",
        asked -> {
          asked.event(Chunks.piece("The ", 1));
          assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
          asked.event(Chunks.piece("end.", 2));
          asked.raw("data: [DONE]\n\n");
        });
    page.ask("A story.", "And then?");
    page.untilText("left-answer", "The ");
    page.untilText("left-tokens", "1");
    assertThat(page.text("left-first")).endsWith(" ms");
    assertThat(page.find("stop").isEnabled()).isTrue();
    seen.countDown();
    page.untilEnd();
    assertThat(page.text("left-answer")).isEqualTo("The end.");
    assertThat(page.text("left-tokens")).isEqualTo("2");
    assertThat(Double.parseDouble(page.text("left-rate"))).isPositive();
    assertThat(page.text("state")).isEqualTo("Both sides have answered.");
  }

  @Test
  void joinsWhatIsCutAnywhere() {
    String text = "漢字 \uD83D\uDE00 é\nline";
    String whole =
        ": a comment\r\nevent: message\rdata:"
            + Chunks.piece(text, 2)
            + "\r\n\r\nid: 3\ndata: {\"choices\":\ndata: []}\n\ndata: [DONE]\r\r";
    byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
    server.reply(
        "baseline",
        asked -> {
          for (byte one : bytes) {
            asked.bytes(one);
          }
        });
    server.reply("knorm", asked -> asked.bytes(bytes));
    page.compare("", "?");
    assertThat(page.text("left-answer")).isEqualTo(text);
    assertThat(page.text("right-answer")).isEqualTo(text);
    assertThat(page.text("left-fault")).isEmpty();
  }

  @Test
  void stopsBothSidesAndHangsUp() throws InterruptedException {
    CountDownLatch hungUp = new CountDownLatch(2);
    for (String press : List.of("baseline", "knorm")) {
      server.reply(
          press,
          asked -> {
            try {
              for (int i = 1; ; i++) {
                asked.event(Chunks.piece("on ", i));
                Thread.sleep(5);
              }
            } catch (IOException gone) {
              hungUp.countDown();
            }
          });
    }
    page.ask("", "?");
    page.until("return document.getElementById('right-answer').textContent.length > 9");
    page.find("stop").click();
    page.untilEnd();
    assertThat(hungUp.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(page.text("right-answer")).startsWith("on on on");
    assertThat(page.text("right-ended")).isEqualTo("stopped by you");
    assertThat(page.text("state")).isEqualTo("Stopped.");
    assertThat(browser.script("return document.activeElement.id")).isEqualTo("compare");
  }

  @Test
  void saysWhatWentWrong() {
    server.reply("baseline", asked -> asked.refuse(400, "seed: expected a whole number"));
    server.reply(
        "knorm",
        asked -> {
          asked.event(Chunks.piece("Half", 1));
          asked.raw("data: " + FakeServer.error("the model is closed") + "\n\n");
        });
    page.compare("", "?");
    assertThat(page.text("left-fault"))
        .isEqualTo("The server answers 400: seed: expected a whole number");
    assertThat(page.text("right-fault")).isEqualTo("the model is closed");
    assertThat(page.text("right-answer")).isEqualTo("Half");
    assertThat(page.text("right-ended")).isEqualTo("by a fault");
    assertThat(page.text("state")).startsWith("A side has not answered");
    server.reply("baseline", asked -> asked.event(Chunks.piece("Half", 1)));
    server.reply("knorm", asked -> asked.page("<b>hello</b>"));
    page.compare("", "?");
    assertThat(page.text("left-fault")).contains("hung up before its end");
    assertThat(page.text("right-fault")).contains("does not answer with a stream");
    server.reply("baseline", asked -> asked.raw("data: {\n\n"));
    server.reply("knorm", asked -> asked.bytes((byte) 'd', (byte) 0xff));
    page.compare("", "?");
    assertThat(page.text("left-fault")).contains("not JSON");
    assertThat(page.text("right-fault")).contains("UTF-8");
  }

  @Test
  void asksABusyServerAgain() {
    server.reply("baseline", PageDriver.answer("yes", PageDriver.someFigures(1)));
    server.reply(
        "knorm",
        asked -> {
          if (server.asked().stream().filter(a -> a.body().has("compression_ratio")).count() == 1) {
            asked.refuseFor("1");
          } else {
            PageDriver.answer("at last", PageDriver.someFigures(1)).to(asked);
          }
        });
    page.ask("", "?");
    page.until(
        "return document.getElementById('right-answer').dataset.empty.startsWith('The server is"
            + " busy')");
    page.untilEnd();
    assertThat(page.text("right-answer")).isEqualTo("at last");
    assertThat(server.asked()).hasSize(3);
  }

  @Test
  void textsOfTheServerAreShownButNeverRun() {
    String hostile = FolderFixture.HOSTILE;
    ObjectNode figures = Chunks.figures(List.of(hostile, "?"), List.of(0.5, 1.0), 1);
    Chunks.notice(figures, hostile);
    server.presses(
        PageDriver.PRESSES.replace("Keeps the shortest keys.", "<img src=x onerror=a()>"));
    page.open(Browser.DESKTOP, "light");
    server.reply("baseline", PageDriver.answer(hostile, figures));
    server.reply("knorm", asked -> asked.refuse(400, hostile));
    page.compare("c", "?");
    assertThat(page.text("left-answer")).isEqualTo(hostile);
    assertThat(page.text("left-notices")).isEqualTo(hostile);
    assertThat(page.text("right-fault")).isEqualTo("The server answers 400: " + hostile);
    assertThat(page.text("right-about")).startsWith("<img src=x");
    assertThat(browser.script("return document.querySelector('.tokens .token').textContent"))
        .isEqualTo(hostile);
    assertThat(browser.script("return window.pwned ?? document.images.length")).isEqualTo(0L);
  }

  @Test
  void aScriptThatGotInAnywayWouldBeRefused() {
    browser.script(
        "const s = document.createElement('script'); s.textContent = 'window.pwned = 1';"
            + "document.body.append(s);"
            + "const d = document.createElement('div');"
            + "d.innerHTML = '<img src=x onerror=window.pwned=1 style=\"color:red\">';"
            + "document.body.append(d);");
    page.until("return document.querySelector('img').complete");
    assertThat(browser.script("return window.pwned")).isNull();
    assertThat(
            browser.complaints().stream().filter(line -> line.contains("Content Security Policy")))
        .hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void asksTheServerAboutASpecOfOnesOwn() {
    server.reply("baseline", PageDriver.answer("a", PageDriver.someFigures(1)));
    server.reply("knorm(compression_ratio=0.5)", PageDriver.answer("b", PageDriver.someFigures(1)));
    page.choose("right-press", "");
    page.type("right-spec", "nope");
    page.until("return document.getElementById('right-about').textContent.includes('<b>; known')");
    page.type("right-spec", "knorm(compression_ratio=0.5)");
    page.untilText("right-about", "Shortest keys. It takes no ratio.");
    assertThat(page.find("right-ratio").isEnabled()).isFalse();
    page.compare("", "?");
    assertThat(server.asked()).noneMatch(asked -> asked.body().has("compression_ratio"));
    assertThat(page.text("right-name")).isEqualTo("Right: knorm(compression_ratio=0.5)");
  }

  @Test
  void pressesThatCannotBeAreNotToBeChosen() {
    assertThat(
            browser.script(
                "return [...document.querySelectorAll('#left-press option')]"
                    + ".filter(o => o.disabled).map(o => o.value)"))
        .isEqualTo(List.of("h2o"));
    assertThat(page.find("left-ratio").isEnabled()).isFalse();
    assertThat(page.find("right-ratio").getDomProperty("value")).isEqualTo("0.6");
  }

  @Test
  void asksForTheKeyThatTheServerWants() {
    server.key("secret");
    page.open(Browser.DESKTOP, "light");
    assertThat(page.find("key-box").isDisplayed()).isTrue();
    assertThat(browser.script("return document.activeElement.id")).isEqualTo("key");
    page.find("key").sendKeys("wrong", Keys.ENTER);
    page.untilText("state", "The server does not take this key.");
    page.type("key", "secret");
    page.find("use-key").click();
    page.until("return document.getElementById('key-box').hidden");
    PageDriver.bothAnswer(server);
    page.compare("", "?");
    assertThat(page.text("state")).isEqualTo("Both sides have answered.");
    assertThat(browser.script("return localStorage.length + sessionStorage.length")).isEqualTo(0L);
  }

  @Test
  void oneSideAfterTheOtherWhereTimesAreToBeCompared() {
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    for (String press : List.of("baseline", "knorm")) {
      server.reply(
          press,
          asked -> {
            order.add("begin " + press);
            asked.event(Chunks.piece("a", 1));
            Thread.sleep(50);
            order.add("end " + press);
            asked.raw("data: [DONE]\n\n");
          });
    }
    page.find("in-turn").click();
    page.compare("", "?");
    assertThat(order).containsExactly("begin baseline", "end baseline", "begin knorm", "end knorm");
    assertThat(page.text("times-note").toLowerCase(Locale.ROOT)).startsWith("one side ran after");
  }

  @Test
  void loadsExamplesAndFiles(@TempDir Path folder) throws IOException {
    page.find("load").click();
    page.until("return document.getElementById('context').value.length > 8000");
    assertThat(page.find("question").getDomProperty("value")).contains("Kuno");
    Path file = folder.resolve("a.txt");
    Files.writeString(file, "Ein Fluß");
    page.find("file").sendKeys(file.toString());
    page.until("return document.getElementById('context').value === 'Ein Flu\u00df'");
    Path broken = folder.resolve("b.txt");
    Files.write(broken, new byte[] {(byte) 0xff, 0});
    page.find("file").sendKeys(broken.toString());
    page.untilText("context-fault", "b.txt is no text (UTF-8), or it cannot be read.");
    assertThat(page.find("context").getDomProperty("value")).isEqualTo("Ein Fluß");
  }
}
