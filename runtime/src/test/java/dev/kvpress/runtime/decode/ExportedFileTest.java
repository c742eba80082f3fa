package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.decode.DecodeFixtures.assertClose;
import static dev.kvpress.runtime.decode.DecodeFixtures.positions;
import static dev.kvpress.runtime.decode.DecodeFixtures.storyIds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.ExportOptions;
import dev.kvpress.runtime.export.ModelExporter;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.testdata.Shared;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A file that was exported with some signals serves presses which need others. */
class ExportedFileTest {
  @TempDir Path folder;

  static Stream<Arguments> exports() {
    List<TapRequest> signals =
        List.of(
            TapRequest.NONE,
            TapRequest.NONE.withFullAttention(),
            TapRequest.NONE.withColumnSums(),
            TapRequest.NONE.withLastRows(4));
    return Stream.of("h2o(local_window_size=8)", "snapkv(window_size=8)", "expected_attention")
        .flatMap(
            press ->
                signals.stream().map(tap -> Arguments.of(press, AttentionForm.DECOMPOSED, tap)));
  }

  @ParameterizedTest
  @MethodSource("exports")
  void keepsWhatTheCheckpointKeeps(String spec, AttentionForm form, TapRequest signals) {
    Optional<Path> source = Shared.find("models/stories260K");
    assumeTrue(source.isPresent(), "shared test data is absent");
    Path file = folder.resolve("model.onnx");
    ModelExporter.export(
        Checkpoint.open(source.get()),
        file,
        new ExportOptions(form, signals, ExportOptions.DEFAULT_INLINE_LIMIT_BYTES));
    ModelPress press = PressCatalog.load().make(spec).press();
    int[] prompt = storyIds(0, 60);

    try (DecoderModel exported = DecoderModel.open(file, DecoderOptions.cpu(folder));
        DecoderModel checkpoint = DecoderModel.open(source.get(), DecoderOptions.cpu(folder));
        Context one = exported.start(1, press.needs());
        Context other = checkpoint.start(1, press.needs())) {
      assertClose(one.prefill(prompt, 16), other.prefill(prompt, 16), 1e-4);
      one.compress(press, Budget.ratio(0.5));
      other.compress(press, Budget.ratio(0.5));
      assertThat(positions(one, exported, 1)).isEqualTo(positions(other, checkpoint, 1));
      assertClose(one.forward(5, 6, 7), other.forward(5, 6, 7), 1e-4);
    }
  }
}
