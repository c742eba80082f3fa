package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.support.SupportTable;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tries every press on models and prints what works. */
@Command(
    name = "support",
    mixinStandardHelpOptions = true,
    description = {
      "Tries every press on each of the models given and prints a table in Markdown.",
      "It is docs/support.md for models of yours: after a prompt, and while decoding."
    })
final class SupportCommand implements Action {
  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL",
      description = "Hugging Face folders, llama2.c checkpoints or ONNX decoder graphs.")
  List<String> models = new ArrayList<>();

  @Mixin ModelOptions options = new ModelOptions();

  private final PressCatalog catalog;

  SupportCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    Optional<DecoderOptions> decoder = options.decoder(problems);
    List<Path> paths = new ArrayList<>();
    // All of them are looked for before the first is tried, which takes minutes.
    models.forEach(
        model -> values.existing("MODEL", model, "a model folder or file").ifPresent(paths::add));
    problems.throwIfAny();
    SupportTable table = new SupportTable(catalog);
    for (Path path : paths) {
      try (DecoderModel model = ModelOpening.open(path, decoder.orElseThrow(), console::note)) {
        table.add(model);
      }
    }
    console.out().print(table.markdown());
    return ExitCode.OK;
  }
}
