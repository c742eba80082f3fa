package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.export.ReferenceFolders;
import dev.kvpress.runtime.export.TestProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that stand at their slots in the cache, on small models of every architecture. */
@Tag(TestProvider.TAG)
class RolledPositionsTest {
  private static final Path FOLDERS = Path.of("../test-data/reference/architectures");
  private static final Budget HALF = Budget.ratio(0.5);

  @TempDir static Path cache;

  static List<Path> folders() throws IOException {
    return ReferenceFolders.all();
  }

  private static DecoderModel open(String folder) {
    Path path = FOLDERS.resolve(folder);
    assumeTrue(Files.exists(path), "reference data absent: " + folder);
    return DecoderModel.open(path, DecodeFixtures.oneThread(cache));
  }

  private static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  private static int[] tokens(int from, int to) {
    return IntStream.range(from, to).map(i -> 3 + i * 7 % 31).toArray();
  }

  /** Distances are the same, wherever counting starts. */
  @ParameterizedTest
  @MethodSource("folders")
  void withNothingEvictedLogitsAreThoseOfTruePositions(Path folder) {
    try (DecoderModel model = DecoderModel.open(folder, DecodeFixtures.oneThread(cache))) {
      assumeTrue(model.rolledRefusal().isEmpty(), () -> model.rolledRefusal().orElseThrow());
      // Keys of former steps would be turned anew where frequencies change with the length.
      boolean changes = model.rotary().mixed(11, 12, 13, 14).isPresent();
      try (Context rolled = model.start(1, Set.of(), Positions.ROLLED);
          Context straight = model.start(1, Set.of())) {
        assertClose(rolled.prefill(tokens(0, 11), 4), straight.prefill(tokens(0, 11), 4), 2e-4);
        if (!changes) {
          for (int i = 11; i < 14; i++) {
            assertClose(
                rolled.forward(tokens(i, i + 1)), straight.forward(tokens(i, i + 1)), 2e-4);
          }
        }
      }
    }
  }

  /** What is kept of a text is a text of its own to the first layer. */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt-neox-sequential", "gptj", "bloom", "gpt-oss"})
  void rowsOfDifferentLengthPassAsEachAlone(String folder) {
    try (DecoderModel model = open(folder);
        Context both = model.start(2, Set.of(), Positions.ROLLED)) {
      List<int[]> prompts = List.of(tokens(0, 9), tokens(20, 25));
      both.prefill(prompts, 4);
      Logits last = both.forward(List.of(new int[] {5}, new int[] {6}));
      for (int b = 0; b < 2; b++) {
        try (Context alone = model.start(1, Set.of(), Positions.ROLLED)) {
          alone.prefill(prompts.get(b), 4);
          assertClose(last, b, DecodeFixtures.row(alone.forward(5 + b), 0), 2e-4);
        }
      }
    }
  }
}
