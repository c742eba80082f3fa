package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.auxiliary.AuxiliarySources;
import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.ExportOptions;
import dev.kvpress.runtime.export.ModelExporter;
import dev.kvpress.runtime.export.weights.WeightFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Restore tokens pass as in kvpress's own code: what stays, their keys and values, and how the text
 * goes on behind them.
 */
class RestoreKvReferenceTest {
  /** Ratio at which kvpress leaves heads without a token, which is not done here. */
  private static final double TOO_MUCH = 0.9;

  private static final int TOKENS = 3;

  @TempDir static Path cache;
  @TempDir Path made;

  private static Path folder(String name) {
    return SecondPassFixture.FOLDER.resolve(name + "-restore");
  }

  private static DecoderModel open(String name, Path tokens) {
    return DecoderModel.open(
        Path.of("../test-data/reference/architectures").resolve(name),
        DecodeFixtures.oneThread(cache)
            .with(new AuxiliarySources(List.of(tokens), Optional.empty())));
  }

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  /** A folder of the same files under another name. */
  private Path copied(String name, String as) throws IOException {
    Path copy = Files.createDirectory(made.resolve(as));
    for (String file :
        List.of(
            "restore_embeddings.safetensors", "adapter_config.json", "adapter_model.safetensors")) {
      Files.copy(folder(name).resolve(file), copy.resolve(file));
    }
    return copy;
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void restoresAndGoesOnAsKvpress(String name) throws IOException {
    assertAsKvpress(name, folder(name), "restorekv", false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void restoresByTheScoresOfKvzipPlus(String name) throws IOException {
    assertAsKvpress(name, copied(name, "tokens_plus"), "restorekv_plus", true);
  }

  private static void assertAsKvpress(String name, Path tokens, String spec, boolean plus) {
    SecondPassFixture fixture = SecondPassFixture.of(name);
    ModelPress press = press(spec);
    int compared = 0;
    try (DecoderModel model = open(name, tokens)) {
      model.prompts().use(fixture.frame(0));
      model.requirePress(spec, press, 40);
      for (JsonNode one : fixture.cases("restorekv")) {
        if (one.get("plus").asBoolean() != plus || one.get("ratio").asDouble() == TOO_MUCH) {
          continue;
        }
        try (Context context = model.start(1, press.needs())) {
          context.prefill(fixture.ids(), 7);
          EditSummary done = context.compress(press, Budget.ratio(one.get("ratio").asDouble()));
          assertThat(done.notices()).isEmpty();
          assertThat(context.tokensSeen()).isEqualTo(fixture.ids().length + TOKENS);
          assertKept(context, one.get("kept"), fixture.ids().length);
          assertAppended(context, one);
          assertThat(context.nextPosition(0)).isEqualTo(one.get("position").asInt());
          int[] question = DecodeFixtures.ints(one.get("question"));
          assertLogits(context.forward(question), one.get("logits"));
          compared++;
        }
      }
    }
    assertThat(compared).isEqualTo(2);
  }

  private static void assertKept(Context context, JsonNode expected, int length) {
    for (int l = 0; l < expected.size(); l++) {
      for (int g = 0; g < expected.get(l).size(); g++) {
        int[] own = DecodeFixtures.ints(expected.get(l).get(g));
        int[] all =
            IntStream.concat(Arrays.stream(own), IntStream.range(length, length + TOKENS))
                .toArray();
        assertThat(context.positions(l, 0, g)).as("layer %d head %d", l, g).isEqualTo(all);
      }
    }
  }

  private static void assertAppended(Context context, JsonNode one) {
    for (int l = 0; l < context.layers().size(); l++) {
      LayerCache layer = context.layers().get(l);
      assertVectors(layer.store().keys(layer.ledger()), layer, one.get("keys").get(l));
      assertVectors(layer.store().values(layer.ledger()), layer, one.get("values").get(l));
    }
  }

  private static void assertVectors(HeadVectors actual, LayerCache layer, JsonNode expected) {
    for (int g = 0; g < expected.size(); g++) {
      int first = layer.length(0, g) - TOKENS;
      for (int i = 0; i < TOKENS; i++) {
        for (int d = 0; d < expected.get(g).get(i).size(); d++) {
          assertNear(actual.get(0, g, first + i, d), expected.get(g).get(i).get(d).asDouble());
        }
      }
    }
  }

  private static void assertLogits(Logits actual, JsonNode expected) {
    assertThat(actual.rows()).isEqualTo(expected.size());
    for (int r = 0; r < expected.size(); r++) {
      for (int v = 0; v < expected.get(r).size(); v++) {
        assertNear(actual.get(r, v), expected.get(r).get(v).asDouble());
      }
    }
  }

  private static void assertNear(double actual, double expected) {
    assertThat(Math.abs(actual - expected))
        .as("%s, expected %s", actual, expected)
        .isLessThanOrEqualTo(2e-5 + 2e-5 * Math.abs(expected));
  }

  @Test
  void everyHeadKeepsOneWhereTheTokensTakeTheBudget() {
    SecondPassFixture fixture = SecondPassFixture.of("qwen2");
    ModelPress press = press("restorekv");
    try (DecoderModel model = open("qwen2", folder("qwen2"))) {
      model.prompts().use(fixture.frame(0));
      try (Context context = model.start(1, press.needs())) {
        context.prefill(fixture.ids(), 7);
        EditSummary done = context.compress(press, Budget.ratio(TOO_MUCH));
        assertThat(done.notices())
            .singleElement()
            .asString()
            .contains("no more than the 3 restore tokens take");
        for (int l = 0; l < model.info().layers(); l++) {
          for (int g = 0; g < model.info().kvHeads(); g++) {
            assertThat(context.positions(l, 0, g)).hasSize(1 + TOKENS);
          }
        }
      }
    }
  }

  @Test
  void nothingPassesWhereNothingIsCut() {
    SecondPassFixture fixture = SecondPassFixture.of("llama");
    ModelPress press = press("restorekv");
    try (DecoderModel model = open("llama", folder("llama"))) {
      model.prompts().use(fixture.frame(0));
      try (Context context = model.start(1, press.needs())) {
        context.prefill(fixture.ids(), 7);
        assertThat(context.compress(press, Budget.FULL).readTokens()).isZero();
        assertThat(context.compress(press, Budget.tokens(100)).removedTokens()).isZero();
        assertThat(context.tokensSeen()).isEqualTo(fixture.ids().length);
      }
    }
  }

  @Test
  void countsTheTokensAsReadAndKeepsTheBudget() {
    SecondPassFixture fixture = SecondPassFixture.of("llama");
    ModelPress press = press("restorekv");
    try (DecoderModel model = open("llama", folder("llama"))) {
      model.prompts().use(fixture.frame(0));
      try (Context context = model.start(1, press.needs());
          Context fork = forked(model, press, fixture)) {
        context.prefill(fixture.ids(), 7);
        EditSummary zip = fork.compress(press("kvzip"), Budget.ratio(0.5));
        EditSummary done = context.compress(press, Budget.ratio(0.5));
        assertThat(done.readTokens()).isEqualTo(zip.readTokens() + TOKENS);
        assertThat(context.keptTokens()).isEqualTo(fork.keptTokens());
        assertThat(done.removedTokens()).isEqualTo(context.seenTokens() - context.keptTokens());
      }
    }
  }

  private static Context forked(DecoderModel model, ModelPress press, SecondPassFixture fixture) {
    Context context = model.start(1, press.needs());
    context.prefill(fixture.ids(), 7);
    return context;
  }

  @Test
  void aContextThatHoldsThemIsNeitherSavedNorReadAgain() {
    SecondPassFixture fixture = SecondPassFixture.of("llama");
    ModelPress press = press("restorekv");
    try (DecoderModel model = open("llama", folder("llama"))) {
      model.prompts().use(fixture.frame(0));
      try (Context context = forked(model, press, fixture)) {
        context.compress(press, Budget.ratio(0.5));
        assertThatThrownBy(() -> context.save(made.resolve("saved")))
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("trained tokens cannot be saved");
        assertThatThrownBy(() -> context.compress(press, Budget.ratio(0.5)))
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("trained tokens stand in the cache");
      }
    }
  }

  @Test
  void refusesAnAdapterThatIsMoreThanASum() throws IOException {
    assertRefused(
        "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,\"use_dora\":true}", "use_dora=true");
    assertRefused(
        "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,\"rank_pattern\":{\"q_proj\":4}}",
        "rank_pattern");
    assertRefused(
        "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,\"modules_to_save\":[\"lm_head\"]}",
        "modules_to_save");
    assertRefused(
        "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,\"bias\":\"all\"}", "bias must be none");
    assertRefused("{\"peft_type\":\"IA3\"}", "peft_type must be LORA");
    assertRefused(
        "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,\"init_lora_weights\":\"pissa\"}",
        "init_lora_weights=pissa");
    assertRefused("{\"peft_type\":\"LORA\",\"r\":3,\"lora_alpha\":4}", "expected shape [3, 16]");
    assertRefused(
        "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,\"target_modules\":[\"q_proj\",\"o_proj\"]}",
        "target_modules names o_proj");
  }

  private void assertRefused(String config, String reason) throws IOException {
    Path folder = Files.createTempDirectory(made, "adapter");
    for (String file : List.of("restore_embeddings.safetensors", "adapter_model.safetensors")) {
      Files.copy(folder("llama").resolve(file), folder.resolve(file));
    }
    Files.writeString(folder.resolve("adapter_config.json"), config);
    try (DecoderModel model = open("llama", folder)) {
      assertThatThrownBy(() -> model.requirePress("restorekv", press("restorekv"), 40))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("press restorekv cannot be used on model llama")
          .hasMessageContaining(reason);
    }
  }

  @Test
  void refusesWhatIsMissingOrForAnotherPress() throws IOException {
    try (DecoderModel model = open("llama", copied("llama", "tokens_plus"))) {
      assertThatThrownBy(() -> model.requirePress("restorekv", press("restorekv"), 40))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("restore_embeddings.safetensors")
          .hasMessageContaining("not ending in _plus");
    }
  }

  @Test
  void scalesByTheRootOfTheRankWhereTheAdapterSaysSo() throws IOException {
    // alpha / sqrt(r) = 2.8284271 / 1.4142135 is the 4 / 2 of the figures.
    Path folder = copied("llama", "rooted");
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":2.8284271247,\"use_rslora\":true,\"target_modules\":[\"q_proj\",\"v_proj\",\"down_proj\"]}");
    assertAsKvpress("llama", folder, "restorekv", false);
  }

  @Test
  void aBatchAnswersAsEachRowAlone() {
    SecondPassFixture fixture = SecondPassFixture.of("qwen3");
    ModelPress press = press("restorekv");
    try (DecoderModel model = open("qwen3", folder("qwen3"))) {
      model.prompts().use(fixture.frame(0));
      List<AskedRow> asked =
          List.of(
              AskedRow.greedy("restorekv", press, Budget.ratio(0.4), fixture.ids(), 6),
              AskedRow.greedy(
                  "knorm", press("knorm"), Budget.ratio(0.5), new int[] {3, 9, 27, 5, 8, 11}, 6),
              AskedRow.greedy(
                  "restorekv", press, Budget.ratio(0.6), Arrays.copyOf(fixture.ids(), 15), 6));
      List<Ticket> tickets = new ArrayList<>();
      try (Batch batch = Batch.over(model, new BatchOptions(3, 16))) {
        asked.forEach(row -> tickets.add(batch.submit(row.request())));
        batch.run();
      }
      for (int r = 0; r < asked.size(); r++) {
        assertThat(asked.get(r).compare(model, tickets.get(r), 16))
            .as("row %d", r)
            .isEqualTo(AskedRow.Outcome.SAME);
      }
    }
  }

  @Test
  void theCacheIsKeptInFewBitsWithThem() {
    SecondPassFixture fixture = SecondPassFixture.of("qwen3");
    ModelPress press = press("restorekv");
    int[] question = {4, 9, 13, 6};
    try (DecoderModel model = open("qwen3", folder("qwen3"))) {
      model.prompts().use(fixture.frame(0));
      try (Context full = forked(model, press, fixture)) {
        full.compress(press, Budget.ratio(0.4));
        full.stopObserving();
        try (Context packed = full.fork()) {
          packed.keepIn(new CacheFormat(8, 4, 2));
          Logits near = packed.forward(question);
          Logits exact = full.forward(question);
          assertThat(packed.nextPosition(0)).isEqualTo(full.nextPosition(0));
          double most = 0;
          for (int r = 0; r < exact.rows(); r++) {
            for (int v = 0; v < exact.vocabulary(); v++) {
              most = Math.max(most, Math.abs(near.get(r, v) - exact.get(r, v)));
            }
          }
          assertThat(most).isBetween(1e-7, 0.05);
        }
      }
    }
  }

  @Test
  void refusesAModelThatIsAGraph() throws IOException {
    Path folder = Files.createDirectory(made.resolve("graph"));
    Path file = folder.resolve("model.onnx");
    ModelExporter.export(
        Checkpoint.open(Path.of("../test-data/reference/architectures/llama")),
        file,
        ExportOptions.DEFAULT);
    try (DecoderModel model =
        DecoderModel.open(
            file,
            DecodeFixtures.oneThread(cache)
                .with(new AuxiliarySources(List.of(folder("llama")), Optional.empty())))) {
      assertThatThrownBy(() -> model.requirePress("restorekv", press("restorekv"), 40))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("those of a graph are not merged");
    }
  }

  @Test
  void refusesMatricesThatTheModelDoesNotHave() throws IOException {
    Path folder = copied("llama", "misnamed");
    Path weights = folder.resolve("adapter_model.safetensors");
    String bytes = Files.readString(weights, StandardCharsets.ISO_8859_1);
    Files.writeString(
        weights,
        bytes.replace("layers.1.mlp.down_proj", "layers.9.mlp.down_proj"),
        StandardCharsets.ISO_8859_1);
    try (DecoderModel model = open("llama", folder)) {
      assertThatThrownBy(() -> model.requirePress("restorekv", press("restorekv"), 40))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("model.layers.9.mlp.down_proj.weight is no matrix within a layer");
    }
  }

  @Test
  void refusesWeightsThatWouldBeRoundedAnew() {
    try (DecoderModel model =
        DecoderModel.open(
            Path.of("../test-data/reference/architectures/llama"),
            DecodeFixtures.oneThread(cache)
                .with(new AuxiliarySources(List.of(folder("llama")), Optional.empty()))
                .with(WeightFormat.INT8))) {
      assertThatThrownBy(() -> model.requirePress("restorekv", press("restorekv"), 40))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("weights in int8 would be rounded anew");
    }
  }

  @Test
  void refusesDecodersWhoseEmbeddingsAreNotTakenAsTheyAre() {
    try (DecoderModel model = open("gemma3-plain-rope", folder("llama"))) {
      assertThatThrownBy(() -> model.requirePress("restorekv", press("restorekv"), 40))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("Gemma3ForCausalLM take embeddings that come from outside");
    }
  }

  @Test
  void refusesTokensOfAnotherWidth() {
    assertThatThrownBy(() -> open("gpt2", folder("llama")).close())
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("restore_embeddings");
  }

  @Test
  void allMemoryIsGivenBackAndAFailedPassChangesNothing() {
    SecondPassFixture fixture = SecondPassFixture.of("qwen2");
    ModelPress press = press("restorekv");
    try (DecoderModel model = open("qwen2", folder("qwen2"))) {
      model.prompts().use(fixture.frame(0));
      long before = model.pool().liveBytes();
      try (Context context = forked(model, press, fixture)) {
        try (Context fork = context.fork()) {
          fork.compress(press, Budget.ratio(0.5));
          fork.forward(4, 5);
        }
        // The adapted model is closed and cannot run.
        model.adapted("restorekv").close();
        assertThatThrownBy(() -> context.compress(press, Budget.ratio(0.5)))
            .isInstanceOf(IllegalStateException.class);
        assertThat(context.tokensSeen()).isEqualTo(fixture.ids().length);
        assertThat(context.keptTokens()).isEqualTo(context.seenTokens());
        assertThat(context.nextPosition(0)).isEqualTo(fixture.ids().length);
        assertThat(context.compress(press("kvzip"), Budget.ratio(0.5)).removedTokens())
            .isPositive();
      }
      assertThat(model.pool().liveBytes()).isEqualTo(before);
      assertThat(model.adapted("restorekv").pool().liveBytes()).isZero();
    }
  }

  @Test
  void findsBothFoldersBesideTheModelAndTellsThemApart() throws IOException {
    Path home = Path.of("../test-data/reference/architectures/llama");
    Path model = Files.createDirectories(made.resolve("model"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(home.resolve(file), model.resolve(file));
    }
    Path presses = Files.createDirectory(model.resolve("presses"));
    Files.move(copied("llama", "restorekv"), presses.resolve("restorekv"));
    Files.move(copied("llama", "restorekv_plus"), presses.resolve("restorekv_plus"));
    String both;
    try (DecoderModel opened = DecoderModel.open(model, DecodeFixtures.oneThread(cache))) {
      assertThat(opened.auxiliaries().tokenFolder("restorekv").orElseThrow())
          .hasFileName("restorekv");
      assertThat(opened.auxiliaries().tokenFolder("restorekv_plus").orElseThrow())
          .hasFileName("restorekv_plus");
      assertThat(opened.auxiliaries().hashes())
          .containsKeys(
              "restorekv/adapter_model.safetensors", "restorekv_plus/adapter_config.json");
      both = opened.info().contentHash();
    }
    Path config = presses.resolve("restorekv/adapter_config.json");
    Files.writeString(config, Files.readString(config).replace("4", "5"));
    try (DecoderModel opened = DecoderModel.open(model, DecodeFixtures.oneThread(cache))) {
      assertThat(opened.info().contentHash()).isNotEqualTo(both);
    }
  }

  @Test
  void whatElseIsObservedGoesOn() {
    SecondPassFixture fixture = SecondPassFixture.of("qwen3");
    ModelPress press = press("restorekv");
    Set<Signal> signals = new HashSet<>(press.needs());
    for (String other : List.of("h2o", "snapkv", "expected_attention", "kvzap", "tova")) {
      signals.addAll(press(other).needs());
    }
    signals.removeIf(signal -> signal instanceof Signal.Auxiliary);
    try (DecoderModel model = open("qwen3", folder("qwen3"))) {
      model.prompts().use(fixture.frame(0));
      try (Context observed = model.start(1, signals);
          Context plain = forked(model, press, fixture)) {
        observed.prefill(fixture.ids(), 7);
        observed.compress(press, Budget.ratio(0.5));
        plain.compress(press, Budget.ratio(0.5));
        Logits one = observed.forward(4);
        Logits other = plain.forward(4);
        for (int v = 0; v < one.vocabulary(); v++) {
          assertNear(one.get(0, v), other.get(0, v));
        }
        assertThat(
                observed
                    .compress(press("h2o(recent_size=2,hh_size=2)"), Budget.tokens(4))
                    .removedTokens())
            .isPositive();
      }
    }
  }
}
