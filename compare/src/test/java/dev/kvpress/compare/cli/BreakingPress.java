package dev.kvpress.compare.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A jar with the press {@code breaking}. */
final class BreakingPress {
  private static final ObjectMapper JSON = new ObjectMapper();

  private BreakingPress() {}

  /** A press that cannot cut the longer texts. */
  static Path in(Path folder) throws Exception {
    return in(
        folder,
        "throw new IllegalStateException(\"broken by \" + layer.length(0, 0) + \" tokens\")");
  }

  /** The same that does not throw but ends the process, as if it had been killed. */
  static Path killingIn(Path folder) throws Exception {
    return in(folder, "Runtime.getRuntime().halt(137)");
  }

  /** Five texts in a file, of which the second and the last are too long for it. */
  static Path texts(Path folder, Path stories) throws Exception {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(stories).subList(0, 5)) {
      String text = JSON.readTree(line).get("text").asText();
      int length = lines.size() % 3 == 1 ? 900 : 500;
      lines.add(JSON.createObjectNode().put("text", text.substring(0, length)).toString());
    }
    return Files.write(folder.resolve("texts.jsonl"), lines);
  }

  private static Path in(Path folder, String fault) throws Exception {
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
              FAULT;
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
        """
            .replace("FAULT", fault));
    Path service = resources.resolve("META-INF/services/dev.kvpress.presses.spec.PressProvider");
    Files.createDirectories(service.getParent());
    Files.writeString(service, "Breaking\n");
    return PressJarFile.make(folder, "breaking.jar", sources, resources);
  }
}
