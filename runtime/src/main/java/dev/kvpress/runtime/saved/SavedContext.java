package dev.kvpress.runtime.saved;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.SavedState;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.file.ContentSeal;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.FileTensor;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A saved context whose file is whole and unaltered. Its tensors are views of the mapped file; the
 * mapping goes when nothing that was made of it is reachable any more. The file must not be changed
 * in place meanwhile; a new one may take its name.
 *
 * <p>The file is a safetensors file. Its metadata are {@value #SEAL} (SHA-256 of the whole file
 * with zeros in this place), {@value #FORMAT}, {@value #VERSION} and {@value #CARD} (a {@link
 * ContextCard} in JSON); its tensors {@code layers.N.*}, {@code tokens} and {@code states.N}.
 */
public final class SavedContext {
  /** Version of the format that is written, the only one that is read. */
  public static final int FORMAT_VERSION = 1;

  static final String SEAL = "content_sha256";
  static final String FORMAT = "format";
  static final String FORMAT_NAME = "kvpress.context";
  static final String VERSION = "format_version";
  static final String CARD = "context";
  static final String LEDGER = "ledger.";
  static final String STATE = "state.";
  static final String STATES = "states.";
  static final String TOKENS = "tokens";

  // The card and a few tensors a layer; a model of 1,000 layers stays far below.
  private static final long MOST_HEADER_BYTES = 16 << 20;

  private final Path file;
  private final ContextCard card;
  private final ContextParts parts;

  private SavedContext(Path file, ContextCard card, ContextParts parts) {
    this.file = file;
    this.card = card;
    this.parts = parts;
  }

  static String layer(int index) {
    return "layers." + index + ".";
  }

  /**
   * Reads a file once, to check it, and maps it.
   *
   * @throws ModelException naming the file and what is wrong: it is no saved context, of another
   *     version, cut, altered, or holds what cannot be
   */
  public static SavedContext open(Path file) {
    ContextWriter.requireLittleEndian();
    SafetensorsFile.Contents contents = SafetensorsFile.readWithMetadata(file, MOST_HEADER_BYTES);
    try {
      requireVersion(contents.metadata());
      Map<String, FileTensor> tensors = mapped(file, contents);
      ContextCard card = CardJson.read(contents.metadata().getOrDefault(CARD, ""));
      return new SavedContext(file, card, parts(card, new TensorSet(tensors)));
    } catch (IOException e) {
      throw new ModelException(file + ": cannot read: " + FileFaults.reason(e), e);
    } catch (ModelException | IllegalArgumentException | ArithmeticException e) {
      throw new ModelException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Deletes what a process that was killed while it saved has left half written in a folder; what
   * another one is writing stays.
   *
   * @throws IOException if the folder cannot be read
   */
  public static void discardHalfWritten(Path folder) throws IOException {
    AtomicFile.sweep(folder);
  }

  /** Whether the header says that it is a saved context, of any version, whole or not. */
  public static boolean looksLikeOne(Path file) {
    try {
      return FORMAT_NAME.equals(
          SafetensorsFile.readWithMetadata(file, MOST_HEADER_BYTES).metadata().get(FORMAT));
    } catch (ModelException e) {
      return false;
    }
  }

  private static void requireVersion(Map<String, String> metadata) {
    if (!FORMAT_NAME.equals(metadata.get(FORMAT))) {
      throw new ModelException(
          "expected a saved context (%s %s in the header), found another safetensors file; compare compress writes saved contexts"
              .formatted(FORMAT, FORMAT_NAME));
    }
    if (!String.valueOf(FORMAT_VERSION).equals(metadata.get(VERSION))) {
      throw new ModelException(
          "%s must be %d, found %s; read the file with the version of kvpress that wrote it, or compress the context again"
              .formatted(VERSION, FORMAT_VERSION, metadata.get(VERSION)));
    }
    Set<String> known = Set.of(SEAL, FORMAT, VERSION, CARD);
    if (!metadata.keySet().equals(known)) {
      throw new ModelException(
          "the header must say %s, found %s"
              .formatted(new TreeSet<>(known), new TreeSet<>(metadata.keySet())));
    }
  }

  /** Maps all tensors and holds their bytes and the header's against the hash. */
  private static Map<String, FileTensor> mapped(Path file, SafetensorsFile.Contents contents)
      throws IOException {
    byte[] header = ContentSeal.opened(contents.header(), SEAL);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    ContentSeal hash =
        new ContentSeal().add(length.putLong(header.length).flip()).add(ByteBuffer.wrap(header));
    List<SafetensorsFile.Entry> entries = new ArrayList<>(contents.entries().values());
    entries.sort(
        Comparator.comparingLong(SafetensorsFile.Entry::begin)
            .thenComparingLong(SafetensorsFile.Entry::end));
    Map<String, FileTensor> tensors = new LinkedHashMap<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (SafetensorsFile.Entry entry : entries) {
        ByteBuffer bytes = map(channel, entry);
        hash.add(bytes.duplicate());
        tensors.put(
            entry.name(),
            new FileTensor(entry.name(), entry.type(), entry.shape(), List.of(bytes)));
      }
    }
    String expected = contents.metadata().get(SEAL);
    if (!hash.hex().equals(expected)) {
      throw new ModelException(
          "the content is not the one that was written (%s does not hold); the file was altered or damaged, compress the context again"
              .formatted(SEAL));
    }
    return tensors;
  }

  private static ByteBuffer map(FileChannel channel, SafetensorsFile.Entry entry)
      throws IOException {
    long bytes = entry.end() - entry.begin();
    if (bytes > Integer.MAX_VALUE) {
      throw new ModelException(
          "tensor %s has %d bytes; one can have 2 GiB at most".formatted(entry.name(), bytes));
    }
    ByteBuffer found =
        bytes == 0
            ? ByteBuffer.allocateDirect(0).asReadOnlyBuffer()
            : channel.map(FileChannel.MapMode.READ_ONLY, entry.begin(), bytes);
    return found.order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ContextParts parts(ContextCard card, TensorSet tensors) {
    List<ContextParts.LayerParts> layers = new ArrayList<>();
    for (int l = 0; l < card.layers().size(); l++) {
      ContextCard.Layer layer = card.layers().get(l);
      String prefix = layer(l);
      SavedState ledger = StateTensors.read(layer.ledger(), prefix + LEDGER, tensors);
      if (layer.state().size() > 1) {
        throw new ModelException("layer %d has more than one state".formatted(l));
      }
      Optional<SavedState> state =
          layer.state().stream()
              .findFirst()
              .map(found -> StateTensors.read(found, prefix + STATE, tensors));
      Map<String, FileTensor> own = new LinkedHashMap<>();
      for (FileTensor tensor : tensors.take(prefix)) {
        own.put(tensor.name().substring(prefix.length()), tensor);
      }
      layers.add(new ContextParts.LayerParts(layer.form(), own, ledger, state));
    }
    Map<String, FileTensor> named = new LinkedHashMap<>();
    tensors.take(STATES).forEach(tensor -> named.put(tensor.name(), tensor));
    List<FileTensor> states = new ArrayList<>();
    for (int i = 0; i < named.size(); i++) {
      FileTensor state = named.get(STATES + i);
      if (state == null) {
        throw new ModelException("tensor %s%d is missing".formatted(STATES, i));
      }
      states.add(state);
    }
    ImmutableIntArray tokens = ImmutableIntArray.of();
    for (FileTensor tensor : tensors.take(TOKENS)) {
      if (!tensor.name().equals(TOKENS) || !tensor.type().equals("I32")) {
        throw new ModelException("unknown tensor %s of %s".formatted(tensor.name(), tensor.type()));
      }
      tokens = ImmutableIntArray.copyOf(StateTensors.ints(tensor));
    }
    tensors.requireNoneLeft();
    return new ContextParts(tokens, layers, states);
  }

  /** Where it lies. */
  public Path file() {
    return file;
  }

  /** What the file says of it. */
  public ContextCard card() {
    return card;
  }

  /** What it consists of. */
  public ContextParts parts() {
    return parts;
  }

  /** Ids of the tokens that have passed, of a context of one row; empty with more. */
  public ImmutableIntArray tokens() {
    return parts.tokens();
  }

  /** What its maker has said of it. */
  public ContextNotes notes() {
    ContextCard.Notes notes = card.notes();
    return new ContextNotes(notes.press(), notes.budget(), notes.origin(), notes.prompt());
  }
}
