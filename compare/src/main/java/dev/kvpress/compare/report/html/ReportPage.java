package dev.kvpress.compare.report.html;

import com.google.common.hash.Hashing;
import com.google.common.html.HtmlEscapers;
import com.google.common.io.Resources;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.verdict.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A report in one HTML file that loads nothing: charts by ECharts, whose script is copied in. Its
 * content security policy lets exactly the two scripts of the page run, known by their hashes, so
 * that nothing a prompt, an answer or a name holds can.
 */
public final class ReportPage {
  private static final String ECHARTS = "META-INF/resources/webjars/echarts/%s/echarts.min.js";
  private static final String ECHARTS_VERSION = "META-INF/maven/org.webjars/echarts/pom.properties";
  private static final List<String> SCRIPTS =
      List.of("base.js", "table.js", "charts.js", "maps.js", "samples.js", "main.js");

  /** Colours and builders that the server's page has too. */
  private static final String SHARED = "serve/page/";

  private static final Pattern SLOT = Pattern.compile("\\{\\{(\\w+)}}");

  private ReportPage() {}

  /** The whole page. The same folder gives the same page, byte for byte. */
  public static String of(ResultFolder folder) {
    Verdict verdict = Verdict.of(folder);
    String echarts = echarts();
    String script = script();
    String title = "Which KV-cache press for " + folder.modelName() + "?";
    PageParts parts = new PageParts(folder, verdict);
    Map<String, String> slots =
        Map.ofEntries(
            Map.entry("policy", policy(echarts, script)),
            Map.entry("title", HtmlEscapers.htmlEscaper().escape(title)),
            Map.entry("subtitle", parts.subtitle()),
            Map.entry("style", shared("theme.css") + own("page.css")),
            Map.entry("verdict", HtmlEscapers.htmlEscaper().escape(verdict.text())),
            Map.entry("choices", parts.choices()),
            Map.entry("samplesNote", parts.samplesNote()),
            Map.entry("weights", WeightSection.html(folder.weights())),
            Map.entry("problems", parts.problems()),
            Map.entry("provenance", Provenance.html(folder.provenance())),
            Map.entry("data", InlineJson.write(new PageData(folder, verdict).toJson())),
            Map.entry(
                "scripts", "<script>" + echarts + "</script>\n<script>" + script + "</script>"));
    // One pass over the template: what is filled in is not looked at again.
    return SLOT.matcher(own("page.html"))
        .replaceAll(slot -> Matcher.quoteReplacement(slots.getOrDefault(slot.group(1), "")));
  }

  private static String policy(String... scripts) {
    String hashes =
        List.of(scripts).stream()
            .map(text -> Hashing.sha256().hashString(text, StandardCharsets.UTF_8).asBytes())
            .map(hash -> "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'")
            .collect(Collectors.joining(" "));
    return "default-src 'none'; script-src "
        + hashes
        + "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
  }

  private static String script() {
    return Stream.concat(Stream.of(shared("common.js")), SCRIPTS.stream().map(ReportPage::own))
        .collect(Collectors.joining("\n", "(() => {\n\"use strict\";\n", "})();\n"));
  }

  private static String own(String name) {
    return text(Resources.getResource(ReportPage.class, name));
  }

  private static String shared(String name) {
    return text(Resources.getResource(SHARED + name));
  }

  /** The library's version stands in its folder's name, and its jar says which that is. */
  private static String echarts() {
    Properties properties = new Properties();
    try (InputStream in = Resources.getResource(ECHARTS_VERSION).openStream()) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + ECHARTS_VERSION, e);
    }
    return text(Resources.getResource(ECHARTS.formatted(properties.getProperty("version"))));
  }

  private static String text(URL resource) {
    try {
      return Resources.toString(resource, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }
}
