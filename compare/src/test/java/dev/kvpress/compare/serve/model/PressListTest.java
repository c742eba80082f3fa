package dev.kvpress.compare.serve.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PressListTest {
  private static final String NO_ATTENTION = "the graph gives no attention";

  private final PressCatalog catalog = PressCatalog.load();
  private final PressList list =
      new PressList(
          new PressMaker(catalog, PressDefaults.NONE, UnaryOperator.identity()),
          PressListTest::withoutAttention);

  private static Optional<String> withoutAttention(NamedPress press) {
    return press.press().needs().stream().map(Signal::label).anyMatch("attention_sums"::equals)
        ? Optional.of(NO_ATTENTION)
        : Optional.empty();
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> data(Map<String, Object> list) {
    assertThat(list).containsEntry("object", "list");
    return (List<Map<String, Object>>) Objects.requireNonNull(list.get("data"));
  }

  private Map<String, Object> named(String name) {
    return data(list.all()).stream()
        .filter(entry -> name.equals(entry.get("name")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void listsTheWholeCatalogueInItsOrder() {
    assertThat(data(list.all()).stream().map(entry -> entry.get("name")))
        .containsExactlyElementsOf(
            catalog.descriptors().stream().map(line -> (Object) line.name()).toList());
  }

  @Test
  void saysWhoFollowsARatio() {
    assertThat(named("knorm")).containsEntry("follows_ratio", true).containsEntry("complete", true);
    assertThat(named("baseline")).containsEntry("follows_ratio", false);
  }

  @Test
  void saysWhatTheModelCannot() {
    assertThat(named("knorm")).containsEntry("supported", true).containsEntry("reason", null);
    assertThat(named("h2o"))
        .containsEntry("supported", false)
        .containsEntry("reason", NO_ATTENTION);
  }

  @Test
  void aWrapperIsNoPressByItsNameAlone() {
    assertThat(named("adakv"))
        .containsEntry("complete", false)
        .containsEntry("wraps", true)
        .containsEntry("example", "adakv(knorm)")
        .containsEntry("supported", true);
  }

  @Test
  void looksASpecUp() {
    Map<String, Object> fixed = data(list.one("adakv(press=snapkv)")).get(0);
    assertThat(fixed)
        .containsEntry("name", "adakv")
        .containsEntry("spec", "adakv(snapkv)")
        .containsEntry("follows_ratio", true);
    assertThat(data(list.one("knorm(compression_ratio=0.5)")).get(0))
        .containsEntry("follows_ratio", false);
    assertThat(data(list.one("adakv(h2o)")).get(0)).containsEntry("reason", NO_ATTENTION);
  }

  @Test
  void refusesASpecInTheCataloguesWords() {
    assertThatThrownBy(() -> list.one("knrom"))
        .isInstanceOf(PressSpecException.class)
        .hasMessageContaining("did you mean 'knorm'?");
  }
}
