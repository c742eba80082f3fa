package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.primitives.Floats;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Presses that turn keys themselves, where how a key was turned depends on more than its place. */
class RotationByLengthTest {
  private static final Path FOLDERS = Path.of("../test-data/reference/architectures");
  private static final ModelPress EXPECTED =
      PressCatalog.load().make("expected_attention(n_future_positions=8,n_sink=2)").press();
  private static final ModelPress MOVING =
      PressCatalog.load().make("key_rerotation(knorm)").press();
  private static final Budget HALF = Budget.ratio(0.5);

  @TempDir static Path cache;

  private static DecoderModel open(String folder) {
    Path path = FOLDERS.resolve(folder);
    assumeTrue(Files.exists(path), "reference data absent: " + folder);
    return DecoderModel.open(path, DecodeFixtures.oneThread(cache));
  }

  private static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> 3 + i * 7 % 31).toArray();
  }

  @Test
  void keysOfOneStepAreTurnedBackByItsFrequencies() {
    try (DecoderModel model = open("phi3-longrope-crossing");
        Context context = model.start(1, EXPECTED.needs())) {
      context.prefill(tokens(14), 5);
      context.compress(EXPECTED, HALF);
      assertThat(context.keptTokens()).isLessThan(context.seenTokens());
    }
  }

  @Test
  void keysOfSeveralFrequenciesAreRefused() {
    // 14 tokens are within the original 16, 18 are not.
    try (DecoderModel model = open("phi3-longrope-crossing");
        Context context = model.start(1, EXPECTED.needs())) {
      context.prefill(tokens(14), 5);
      context.forward(tokens(4));
      assertThatThrownBy(() -> context.compress(EXPECTED, HALF))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("phi3-longrope-crossing")
          .hasMessageContaining("those for 14 and 18 tokens differ");
    }
  }

  @Test
  void rowsOfSeveralFrequenciesAreRefused() {
    try (DecoderModel model = open("phi3-longrope-crossing");
        Context context = model.start(2, EXPECTED.needs())) {
      context.prefill(List.of(tokens(9), tokens(20)), 5);
      assertThatThrownBy(() -> context.compress(EXPECTED, HALF))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("those for 9 and 20 tokens differ");
    }
  }

  @Test
  void tokensAreNotMovedToWhereOtherFrequenciesHold() {
    try (DecoderModel model = open("phi3-longrope-crossing");
        Context context = model.start(1, MOVING.needs())) {
      context.prefill(tokens(20), 5);
      assertThatThrownBy(() -> context.compress(MOVING, HALF))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("cannot move tokens")
          .hasMessageContaining("those for 11 and 20 tokens differ");
    }
  }

  @Test
  void windowsKeepTokensFromBeingMovedBeforeAnythingRuns() {
    try (DecoderModel model = open("starcoder2")) {
      assertThatThrownBy(() -> model.requirePress("mine", MOVING, 100))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("press mine")
          .hasMessageContaining("go by where tokens stood");
      model.requirePress("mine", EXPECTED, 100);
    }
  }

  /** All channels in pairs of halves, some of them, neighbours, and a layer that turns nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"gpt-neox-full-rotary", "gpt-neox-sequential", "gptj", "smollm3"})
  void movedKeysAreThoseOfTheirNewPlaces(String folder) {
    ModelPress last = PressCatalog.load().make("key_rerotation(local)").press();
    try (DecoderModel model = open(folder);
        Context moved = model.start(1, last.needs());
        Context straight = model.start(1, Set.of())) {
      moved.prefill(tokens(12), 12);
      moved.compress(last, HALF);
      assertThat(moved.nextPosition(0)).isEqualTo(6);
      straight.prefill(Arrays.copyOfRange(tokens(12), 6, 12), 6);
      // Only in the first layer they do not depend on what stood before them.
      assertThat(keysOfFirstLayer(moved))
          .containsExactly(keysOfFirstLayer(straight), offset(1e-4f));
    }
  }

  private static float[] keysOfFirstLayer(Context context) {
    List<Float> keys = new ArrayList<>();
    context.compress(
        new Press() {
          @Override
          public CacheEdit compress(LayerSignals layer, Budget budget) {
            float[] key = new float[layer.keys().size()];
            for (int i = 0; layer.layer() == 0 && i < layer.kvHeads() * layer.maxLength(); i++) {
              layer.keys().read(0, i / layer.maxLength(), i % layer.maxLength(), key);
              keys.addAll(Floats.asList(key.clone()));
            }
            return CacheEdit.none();
          }

          @Override
          public Set<Phase> phases() {
            return Set.of(Phase.PREFILL);
          }
        },
        HALF);
    return Floats.toArray(keys);
  }
}
