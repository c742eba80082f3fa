package dev.kvpress.compare.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** A jar with the press {@code breaking}. */
final class BreakingPress {
  private BreakingPress() {}

  /** A press that cannot cut the longer texts. */
  static Path in(Path folder) throws Exception {
    Path sources = Files.createDirectories(folder.resolve("sources"));
    Path resources = Files.createDirectories(folder.resolve("resources"));
    Files.writeString(
        sources.resolve("Breaking.java"),
        """
        import dev.kvpress.presses.*;
        import dev.kvpress.presses.signal.LayerSignals;
        import dev.kvpress.presses.spec.*;
        import java.util.List;
        public class Breaking extends ScorerPress implements PressProvider {
          public List<PressDescriptor> presses() {
            return List.of(PressDescriptor.named("breaking").summary("Breaks.").source("a test")
                .madeBy(arguments -> new Breaking()));
          }
          @Override public Scores score(LayerSignals layer, Budget budget) {
            if (layer.length(0, 0) > 120) {
              throw new IllegalStateException("broken by " + layer.length(0, 0) + " tokens");
            }
            Scores scores = Scores.of(layer);
            for (int g = 0; g < layer.kvHeads(); g++) {
              for (int j = 0; j < layer.length(0, g); j++) {
                scores.set(0, g, j, j % 7);
              }
            }
            return scores;
          }
        }
        """);
    Path service = resources.resolve("META-INF/services/dev.kvpress.presses.spec.PressProvider");
    Files.createDirectories(service.getParent());
    Files.writeString(service, "Breaking\n");
    return PressJarFile.make(folder, "breaking.jar", sources, resources);
  }
}
