package dev.kvpress.compare.serve.answer;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.serve.ask.AskOptions;
import dev.kvpress.compare.serve.model.ContextFolder;
import dev.kvpress.compare.serve.model.ContextShelf;
import dev.kvpress.compare.serve.model.ContextShelf.Lease;
import dev.kvpress.compare.serve.model.ContextShelf.Made;
import dev.kvpress.compare.serve.model.ContextShelf.Slot;
import dev.kvpress.compare.serve.model.PressDesk;
import dev.kvpress.compare.serve.model.ServedPress;
import dev.kvpress.compare.serve.model.StoredPress;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.generate.SharedContext;
import dev.kvpress.runtime.saved.ContextNotes;
import dev.kvpress.runtime.saved.SavedContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;

/**
 * Gets the contexts behind which prompts stand: read and compressed now, kept before, or stored.
 */
final class Contexts {
  private static final int UNUSABLE = 422;

  private final Generator generator;
  private final ContextShelf shelf;
  private final Optional<ContextFolder> folder;
  private final PressCatalog catalog;

  Contexts(
      Generator generator,
      ContextShelf shelf,
      Optional<ContextFolder> folder,
      PressCatalog catalog) {
    this.generator = requireNonNull(generator, "generator is null");
    this.shelf = requireNonNull(shelf, "shelf is null");
    this.folder = requireNonNull(folder, "folder is null");
    this.catalog = requireNonNull(catalog, "catalog is null");
  }

  /**
   * A context that a request has brought, kept under its key where it has one.
   *
   * @param param the field that has brought it
   */
  Lease brought(
      Prompt context, String param, ServedPress press, AskOptions options, Client client) {
    if (options.cacheKey().isEmpty()) {
      return shelf.once(fresh(context, param, press, client));
    }
    Slot slot = new Slot(options.cacheKey().get(), press.describe());
    return client.waitFor(
        () -> shelf.lease(slot, context, () -> made(slot, context, press, param)));
  }

  private Made fresh(Prompt context, String param, ServedPress press, Client client) {
    return client.waitFor(
        () -> new Made(compressed(context, param, press), true, List.of(), Optional.empty()));
  }

  private SharedContext compressed(Prompt context, String param, ServedPress press) {
    return Faults.about(param, () -> generator.compress(context, press.compression()));
  }

  private Made made(Slot slot, Prompt context, ServedPress press, String param) {
    Optional<SharedContext> kept =
        folder.flatMap(
            files ->
                files.find(
                    slot,
                    context,
                    file -> generator.load(saved(file, press), press.compression(), context)));
    if (kept.isPresent()) {
      return new Made(kept.get(), false, List.of(), Optional.empty());
    }
    SharedContext compressed = compressed(context, param, press);
    Optional<String> unkept = folder.flatMap(files -> files.keep(slot, context, compressed, press));
    return new Made(compressed, true, unkept.map(List::of).orElse(List.of()), Optional.empty());
  }

  /** A file that was kept by key, which must be what its name says whoever has given it that. */
  private static SavedContext saved(Path file, ServedPress press) {
    SavedContext saved = SavedContext.open(file);
    ContextNotes notes = saved.notes();
    if (!notes.press().equals(press.spec()) || !notes.budget().equals(press.budget().describe())) {
      throw new ModelException(
          "%s: expected a context cut by %s with %s, found one cut by %s with %s"
              .formatted(
                  file, press.spec(), press.budget().describe(), notes.press(), notes.budget()));
    }
    return saved;
  }

  /** Refuses a press beside a stored context, which was cut already. */
  static void requireNoOtherPress(AskOptions options, PressDesk desk) {
    boolean named = desk.saysPress(options.model());
    if (options.stored().isPresent() && (named || !options.press().isEmpty())) {
      throw ApiException.field(
          named ? "model" : options.press().press().isPresent() ? "press" : "compression_ratio",
          "a stored context was compressed when it was stored and goes on with its own press; leave press, compression_ratio and kv_budget out, also of the name of the model");
    }
  }

  /**
   * The first tokens of a prompt, which are not kept.
   *
   * @param param the field of the prompt
   */
  Lease beginning(ImmutableIntArray ids, String param, ServedPress press, Client client) {
    return shelf.once(fresh(new Prompt.Tokens(ids), param, press, client));
  }

  /** A stored context, with the press that it was stored with. */
  Lease stored(String name, Client client) {
    Path file =
        folder
            .orElseThrow(
                () ->
                    ApiException.unsupported(
                        "stored_context",
                        "stored_context: this server has no stored contexts; start it with --contexts DIR"))
            .named(name);
    return client.waitFor(
        () -> shelf.lease(new Slot(name, "stored"), written(file), () -> load(name, file)));
  }

  private static FileTime written(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new ModelException(file + ": cannot read", e);
    }
  }

  private Made load(String name, Path file) {
    try {
      SavedContext saved = SavedContext.open(file);
      StoredPress press = StoredPress.of(saved, catalog);
      return new Made(generator.load(saved, press.goingOn()), false, List.of(), Optional.of(press));
    } catch (ModelException | IllegalArgumentException e) {
      throw ApiException.of(
          UNUSABLE,
          "context_unusable",
          "the stored context '%s' cannot be used: %s".formatted(name, Faults.plain(e)));
    }
  }
}
