package dev.kvpress.presses.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.Signal;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PressSpecTest {
  private final PressCatalog catalog = PressCatalog.load();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h2o",
        "h2o(local_window_size=128)",
        "dms(h2o,threshold=0.0005,sliding_window_size=128,decoding=true)",
        "per_layer(knorm,compression_ratios=[0.1,0.5])",
        "composed(knorm(compression_ratio=0.3),snapkv)"
      })
  void readsBackWhatItPrints(String text) {
    assertThat(PressSpec.parse(text)).hasToString(text);
    assertThat(PressSpec.parse(PressSpec.parse(text).toString())).isEqualTo(PressSpec.parse(text));
  }

  @Test
  void takesBlanksHyphensAndCapitals() {
    assertThat(PressSpec.parse(" Streaming-LLM ( N-Sink = 2 ) "))
        .isEqualTo(PressSpec.parse("streaming_llm(n_sink=2)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|expected the name of a press at character 1, found the end",
        "h2o(|expected a press or name=value at character 5, found the end",
        "h2o(local_window_size=|expected a value at character 23, found the end",
        "h2o(local_window_size=4|expected ',' or ')'",
        "h2o)|expected the end of the spec at character 4, found ')'",
        "h2o(4)|expected a press or name=value at character 5, found '4'",
        "h2o(normalize=true,normalize=true)|gives normalize twice",
        "h3o|unknown press 'h3o', did you mean 'h2o'?",
        "h2o(local_windw_size=4)|unknown parameter of h2o 'local_windw_size', did you mean 'local_window_size'?",
        "h2o(local_window_size=x)|h2o: local_window_size must be a whole number, found 'x'",
        "h2o(local_window_size=-1)|must be a whole number of at least 0, found '-1'",
        "h2o(normalize=maybe)|h2o: normalize must be true or false, found 'maybe'",
        "h2o(hh_size=4)|hh_size and recent_size go together; recent_size is missing",
        "h2o(hh_size=4,recent_size=4,local_window_size=4)|give only one of local_window_size; hh_size + recent_size",
        "h2o(hh_size=4,recent_size=4,heavy_ratio=0.1,recent_ratio=0.1)|give only one of",
        "h2o(hh_size=0,recent_size=0)|together at least 1",
        "h2o(heavy_ratio=0,recent_ratio=0)|not both 0",
        "h2o(heavy_ratio=0.9,recent_ratio=0.2)|add up to 1 at most, found 0.9 and 0.2",
        "minikv(heavy_ratio=0.9,recent_ratio=0.9)|add up to 1 at most, found 0.9 and 0.9",
        "h2o(heavy_ratio=1.5,recent_ratio=0)|heavy_ratio must be a number from 0.0 to 1.0",
        "h2o(hh_size=4,recent_size=4,compression_ratio=0.5)|removes by its own rule and takes no compression_ratio",
        "h2o(compression_ratio=1)|compression_ratio must be a number from 0.0",
        "h2o(compression_ratio=0.5,budget=3)|compression_ratio or budget, not both",
        "snapkv(kernel_size=4)|kernel_size must be odd",
        "dms|dms wraps exactly one press, found 0",
        "dms(h2o,knorm)|dms wraps exactly one press, found 2",
        "dms(knorm)|dms has no default threshold for knorm; write dms(knorm,threshold=…)",
        "dms(baseline)|dms wraps a press that gives scores, which 'baseline'",
        "dms(h2o(compression_ratio=0.5))|leave the budget or sizes out of",
        "dms(snapkv,threshold=0.1,decoding=true)|decoding=true does not work with 'snapkv'",
        "dms(h2o,threshold=nan)|threshold must be a number, found 'nan'",
        "dms(h2o,compression_ratio=0.5)|dms removes by its own rule",
        "baseline(budget=4)|baseline removes by its own rule",
      })
  void saysWhatIsWrong(String text, String message) {
    assertThatThrownBy(() -> catalog.make(text))
        .isInstanceOf(PressSpecException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "adakv(press=snapkv)|adakv(snapkv)",
        "AdaKV(alpha-safeguard=0.1,press=snapkv(window_size=4))|adakv(snapkv(window_size=4),alpha_safeguard=0.1)",
        "adakv(press='snapkv(window_size=4)')|adakv(snapkv(window_size=4))",
        "dms(press=h2o,threshold=0.1)|dms(h2o,threshold=0.1)",
        "composed(presses=[knorm,adakv(press=tova)])|composed(knorm,adakv(press=tova))",
        "composed(presses=knorm)|composed(knorm)",
        "decoding(base_press=knorm,target_size=8)|decoding(knorm,target_size=8)",
        "decoding(press=knorm)|decoding(knorm)",
        "prefill_decoding(decoding_press=decoding(knorm),prefilling_press=none)|prefill_decoding(none,decoding(knorm))",
        "prefill_decoding(knorm,decoding_press=decoding(knorm))|prefill_decoding(knorm,decoding(knorm))",
      })
  void takesPressesByKvpressNames(String named, String inOrder) {
    assertThat(catalog.make(named).spec()).hasToString(inOrder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "adakv(press=4)|adakv: press must be one press, found '4'; write for instance adakv(press=h2o)",
        "adakv(press=[knorm,tova])|adakv: press must be one press, found '[knorm,tova]'",
        "adakv(knorm,press=tova)|adakv: more presses are given than it has places for",
        "decoding(base_press=knorm,press=tova)|decoding: more presses are given than it has places for",
        "composed(knorm,presses=[tova])|composed: more presses are given than it has places for",
        "composed(press=knorm)|unknown parameter of composed 'press', did you mean 'presses'?",
        "adakv(pres=knorm)|unknown parameter of adakv 'pres', did you mean 'press'?",
        "adakv(press=snpkv)|unknown press 'snpkv', did you mean 'snapkv'?",
        "prefill_decoding(decoding_press=decoding(knorm))|prefill_decoding wraps two presses",
        "h2o(press=knorm)|h2o wraps no press, found 'knorm' inside",
        "h2o(knorm)|h2o wraps no press, found 'knorm' inside",
      })
  void saysWhatIsWrongWithAPressInside(String text, String message) {
    assertThatThrownBy(() -> catalog.make(text))
        .isInstanceOf(PressSpecException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesHostileNesting() {
    assertThatThrownBy(() -> PressSpec.parse("dms(".repeat(10_000)))
        .isInstanceOf(PressSpecException.class)
        .hasMessageContaining("nested deeper than");
  }

  @Test
  void listsTheKnownPressesForAnUnknownOne() {
    assertThatThrownBy(() -> catalog.make("zzzzzz"))
        .hasMessageContaining("known: ")
        .hasMessageContaining("snapkv")
        .hasMessageNotContaining("did you mean");
  }

  @Test
  void fillsDefaultsInWhereTheyFit() {
    PressDefaults defaults = new PressDefaults(Map.of("h2o", Map.of("local_window_size", "7")));
    assertThat(catalog.make(PressSpec.parse("h2o(local_window_size=3)"), defaults).spec())
        .hasToString("h2o(local_window_size=3)");
    NamedPress dms = catalog.make(PressSpec.parse("dms(h2o)"), defaults);
    assertThat(dms.press().needs()).isEqualTo(Set.of(new Signal.AttentionSums()));
    assertThat(catalog.make(PressSpec.parse("h2o(hh_size=2,recent_size=2)"), defaults).spec())
        .hasToString("h2o(hh_size=2,recent_size=2)");
    assertThat(catalog.make(PressSpec.parse("h2o"), defaults).spec())
        .hasToString("h2o(local_window_size=7)");
  }

  @Test
  void saysOfEachPressWhatItDoesAndTakesItsDefaults() {
    assertThat(catalog.descriptors())
        .allSatisfy(
            descriptor -> {
              assertThat(descriptor.summary()).endsWith(".");
              assertThat(descriptor.source().isEmpty())
                  .isEqualTo(descriptor.name().equals("baseline"));
              for (Parameter parameter : descriptor.parameters()) {
                assertThat(parameter.description()).isNotEmpty();
                String text = parameter.defaultText();
                if (text != null
                    && (parameter.type() == Parameter.Type.INTEGER
                        || parameter.type() == Parameter.Type.NUMBER)) {
                  assertThat(Double.parseDouble(text)).isBetween(parameter.min(), parameter.max());
                }
              }
            });
  }

  @Test
  void leavesBoundsOfTheTypeItselfOutOfMessages() {
    assertThatThrownBy(() -> catalog.make("random(seed=99999999999)"))
        .hasMessageContaining("seed must be a whole number, found");
    assertThatThrownBy(() -> catalog.make("expected_attention(epsilon=-1)"))
        .hasMessageContaining("epsilon must be a number of at least 0.0, found");
  }

  @Test
  void takesABudgetInsideTheSpec() {
    assertThat(catalog.make("knorm(budget=3)").press().budgetKind()).isEqualTo(BudgetKind.OWN);
    assertThat(catalog.make("knorm").press().budgetKind()).isEqualTo(BudgetKind.EXACT);
  }

  @Test
  void marksTheBaselineUnderAllItsNames() {
    for (String name : new String[] {"baseline", "none", "no_press", "full"}) {
      assertThat(catalog.make(name).press().keepsAll()).isTrue();
    }
    assertThat(catalog.make("h2o").press().keepsAll()).isFalse();
  }

  @Test
  void saysWhichPressesEvictInDecodingOfTheirOwnAccord() {
    assertThat(catalog.make("h2o").press().evictsWhileDecoding()).isFalse();
    assertThat(catalog.make("h2o(decoding=true)").press().evictsWhileDecoding()).isTrue();
    assertThat(catalog.make("h2o(hh_size=1,recent_size=1)").press().evictsWhileDecoding()).isTrue();
    assertThat(catalog.make("dms(random)").press().phases()).containsExactly(Phase.PREFILL);
    assertThat(catalog.make("dms(random,decoding=true)").press().evictsWhileDecoding()).isTrue();
  }

  @Test
  void takesRatiosOfTheTokensSeen() {
    Budget ratios = new Budget.HeavyRecentRatios(0.1, 0.2);
    assertThat(ratios.keptOf(105)).isEqualTo(10 + 21);
    assertThat(ratios.keptOf(3)).isEqualTo(1);
  }
}
