package dev.kvpress.compare.gpu;

import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.SessionProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A prompt with signals and one step, on sessions that record what ran where. */
final class ProfiledRun {
  private static final String PRESS = "h2o";

  private ProfiledRun() {}

  /**
   * Runs once.
   *
   * @param prompt ids of the text
   * @param chunk Q of each pass of the prompt
   */
  static SessionProfile of(Path model, DecoderOptions options, int[] prompt, int chunk)
      throws IOException {
    Path folder = Files.createTempDirectory("kvpress-profile");
    try {
      ModelPress press = PressCatalog.load().make(PRESS).press();
      OrtSessionFactory sessions =
          new OrtSessionFactory(options.provider(), options.device(), options.threads())
              .profiledInto(folder);
      try (DecoderModel profiled = DecoderModel.open(model, options, sessions);
          Context context = profiled.start(1, press.needs()).allowFused(1)) {
        context.prefill(prompt, chunk);
        context.stopObserving();
        context.forward(prompt[0]);
      }
      return SessionProfile.read(folder);
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(folder);
  }
}
