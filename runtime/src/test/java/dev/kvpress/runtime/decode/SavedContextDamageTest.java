package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.saved.ContextNotes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that are not what was written are refused by name, without a crash. */
class SavedContextDamageTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MUTATIONS = 1000;
  private static final long SEED = 20261127;
  private static final String ZEROS = "0".repeat(64);

  @TempDir static Path folder;
  private static DecoderModel model;
  private static byte[] whole;
  private static float[][] expected;

  @BeforeAll
  static void save() throws IOException {
    model =
        DecoderModel.open(
            Path.of("..", "test-data", "models", "demo"),
            DecodeFixtures.oneThread(folder.resolve("models")));
    ModelPress press =
        PressCatalog.load()
            .make("decoding(adakv(snapkv(window_size=4)),compression_interval=2,target_size=20)")
            .press();
    try (Context context = model.start(1, press.needs())) {
      context.prefill(SavedContextTest.text(0, 30), 16);
      context.compress(press, Budget.ratio(0.5));
      context.forward(5);
      context.compress(press, Budget.ratio(0.5));
      context.forward(6);
      context.compress(press, Budget.ratio(0.5));
      Path file = folder.resolve("whole");
      context.save(file, ContextNotes.NONE);
      whole = Files.readAllBytes(file);
      expected = DecodeFixtures.rows(context.forward(9, 10));
    }
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void theFileItselfGoesOn() throws IOException {
    assertThat(load(whole)).isDeepEqualTo(expected);
  }

  /** Bits, bytes, blocks, cuts and header texts: refused, or without a difference. */
  @Test
  void aThousandMutationsAreRefused() throws IOException {
    Random random = new Random(SEED);
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] mutated = mutated(random, i % 8);
      try {
        float[][] logits = load(mutated);
        assertThat(logits).as("mutation %d", i).isDeepEqualTo(expected);
        assertThat(mutated).as("mutation %d, seed %d", i, SEED).isEqualTo(whole);
      } catch (ModelException e) {
        refused++;
        assertThat(e.getMessage()).as("mutation %d", i).contains("mutated");
      }
    }
    assertThat(refused).isGreaterThan(MUTATIONS * 9 / 10);
  }

  private static byte[] mutated(Random random, int kind) {
    byte[] bytes = whole.clone();
    int header = headerLength(bytes);
    int json = new String(bytes, 8, header, StandardCharsets.UTF_8).stripTrailing().length();
    int at = random.nextInt(bytes.length);
    switch (kind) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[8 + random.nextInt(json)] = (byte) (32 + random.nextInt(95));
      case 2 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 3 -> swap(bytes, random);
      case 4 -> bytes[random.nextInt(8)] = (byte) random.nextInt(256);
      case 5 -> {
        return digits(random, bytes, json);
      }
      case 6 -> {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(64));
        random.nextBytes(longer);
        System.arraycopy(bytes, 0, longer, 0, bytes.length);
        return longer;
      }
      default -> {
        byte[] noise = new byte[1 + random.nextInt(64)];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bytes, at, Math.min(noise.length, bytes.length - at));
      }
    }
    return bytes;
  }

  private static void swap(byte[] bytes, Random random) {
    int size = 1 + random.nextInt(512);
    int a = random.nextInt(bytes.length - 2 * size);
    int b = a + size + random.nextInt(bytes.length - 2 * size - a + 1);
    byte[] first = Arrays.copyOfRange(bytes, a, a + size);
    System.arraycopy(bytes, b, bytes, a, size);
    System.arraycopy(first, 0, bytes, b, size);
  }

  /** Another digit for one in the header. */
  private static byte[] digits(Random random, byte[] bytes, int json) {
    int at;
    do {
      at = 8 + random.nextInt(json);
    } while (!Character.isDigit(bytes[at]));
    bytes[at] = (byte) ('0' + random.nextInt(10));
    return bytes;
  }

  private static int headerLength(byte[] bytes) {
    return (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
  }

  /** Files whose hash holds and that still are not right, as somebody might make them. */
  static Stream<Arguments> forgeries() {
    return Stream.of(
        forged("format_version must be 1, found 2", m -> m.put("format_version", "2")),
        forged("expected a saved context", m -> m.put("format", "pt")),
        forged("the header must say", m -> m.put("further", "x")),
        card("hash abababababab", c -> c.put("modelHash", "ab".repeat(32))),
        card("weights stored as int3", c -> c.put("weights", "int3")),
        card("FLOAT16", c -> c.put("cacheType", "FLOAT16")),
        card("Sizes[layers=2000000000", c -> at(c, "sizes").put("layers", 2_000_000_000)),
        card("of 1000000 rows, found 1 and 1", c -> at(c, "sizes").put("batch", 1_000_000)),
        card("must be in [0, 32], found 33", c -> next(c, 33)),
        card("must be in [0, 32], found -1", c -> next(c, -1)),
        card("phase", c -> at(c, "run").put("phase", "x")),
        card("lastStepTokens", c -> at(c, "run").put("lastStepTokens", 1.5)),
        card("reserve", c -> at(c, "run").put("reserve", Integer.MAX_VALUE)),
        card("there is no signal x", c -> at(c, "run").putArray("signals").add("x")),
        card(
            "window of attention rows",
            c -> at(c, "run").putArray("signals").add("attention_rows:0")),
        card(
            "16384 queries at most",
            c -> at(c, "run").putArray("signals").add("attention_rows:2000000000")),
        card("Unrecognized field", c -> c.put("further", 1)),
        card("Missing creator property 'run'", c -> c.remove("run")),
        card("unknown tensor layers.0.", c -> c.putArray("layers")),
        card(
            "cache form must be one of full",
            c -> ((ObjectNode) c.get("layers").get(0)).put("form", "x")),
        card("no account of tokens", c -> at(layer(c), "ledger").put("kind", "x")),
        card(
            "press state must be one of",
            c -> ((ObjectNode) layer(c).get("state").get(0)).put("kind", "x")),
        card(
            "unknown further",
            c -> at((ObjectNode) layer(c).get("state").get(0), "integers").put("further", 1)),
        header("expected the tensors keys and values", h -> h.set("layers.0.x", empty())),
        header("tensor keys is missing", h -> h.remove("layers.0.keys"), true),
        header("unknown tensor other", h -> h.set("other", empty())),
        header("positions must be", h -> h.remove("layers.0.ledger.positions"), true),
        header("must be F32 of shape", h -> swapShape(h, "layers.0.keys")),
        header("dtype must be I32, F32 or F64", h -> retype(h, "layers.0.ledger.positions")),
        header("tokens: expected one for each", h -> halve(h)));
  }

  private static Arguments forged(String message, Consumer<ObjectNode> change) {
    return header(message, h -> change.accept((ObjectNode) h.get("__metadata__")));
  }

  private static Arguments card(String message, Consumer<ObjectNode> change) {
    return forged(
        message,
        metadata -> {
          ObjectNode card = (ObjectNode) tree(metadata.get("context").asText());
          change.accept(card);
          metadata.put("context", card.toString());
        });
  }

  private static Arguments header(String message, Consumer<ObjectNode> change) {
    return Arguments.of(message, change);
  }

  /** The same where bytes of a tensor that goes must be somebody's. */
  private static Arguments header(String message, Consumer<ObjectNode> change, boolean rest) {
    return Arguments.of(message, rest ? change.andThen(SavedContextDamageTest::fill) : change);
  }

  private static ObjectNode at(JsonNode node, String field) {
    return (ObjectNode) node.get(field);
  }

  private static ObjectNode layer(ObjectNode card) {
    return (ObjectNode) card.get("layers").get(0);
  }

  private static void next(ObjectNode card, int position) {
    at(card, "run").putArray("nextPositions").add(position);
  }

  private static ObjectNode empty() {
    ObjectNode entry = JSON.createObjectNode();
    entry.put("dtype", "U8").putArray("shape").add(0);
    entry.putArray("data_offsets").add(0).add(0);
    return entry;
  }

  /** Gives bytes that are no tensor's to one that nobody knows of. */
  private static void fill(ObjectNode header) {
    long at = 0;
    long end = whole.length - 8 - headerLength(whole);
    java.util.TreeMap<Long, Long> parts = new java.util.TreeMap<>();
    header
        .properties()
        .forEach(
            entry -> {
              JsonNode offsets = entry.getValue().get("data_offsets");
              if (offsets != null && offsets.get(1).asLong() > offsets.get(0).asLong()) {
                parts.put(offsets.get(0).asLong(), offsets.get(1).asLong());
              }
            });
    for (var part : parts.entrySet()) {
      if (part.getKey() > at) {
        break;
      }
      at = part.getValue();
    }
    Long next = parts.higherKey(at);
    long behind = next == null ? end : next;
    if (behind > at) {
      ObjectNode entry = JSON.createObjectNode();
      entry.put("dtype", "U8").putArray("shape").add(behind - at);
      entry.putArray("data_offsets").add(at).add(behind);
      header.set("layers.0.filled", entry);
    }
  }

  private static void swapShape(ObjectNode header, String tensor) {
    JsonNode shape = header.get(tensor).get("shape");
    at(header, tensor).putArray("shape").add(shape.get(1)).add(shape.get(0));
  }

  private static void retype(ObjectNode header, String tensor) {
    at(header, tensor).put("dtype", "U32");
  }

  private static void halve(ObjectNode header) {
    at(header, "tokens").putArray("shape").add(16);
    JsonNode offsets = header.get("tokens").get("data_offsets");
    long begin = offsets.get(0).asLong();
    long end = offsets.get(1).asLong();
    at(header, "tokens").putArray("data_offsets").add(begin).add((begin + end) / 2);
    ObjectNode rest = JSON.createObjectNode();
    rest.put("dtype", "I32").putArray("shape").add(16);
    rest.putArray("data_offsets").add((begin + end) / 2).add(end);
    header.set("layers.0.state.further", rest);
  }

  @ParameterizedTest
  @MethodSource("forgeries")
  void whatIsWrongIsNamedThoughTheHashHolds(String message, Consumer<ObjectNode> change)
      throws IOException {
    byte[] forged = forge(change);
    if (message.startsWith("tokens:")) {
      // Whichever of the two is seen first.
      assertThatThrownBy(() -> load(forged)).isInstanceOf(ModelException.class);
      return;
    }
    assertThatThrownBy(() -> load(forged))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("mutated")
        .hasMessageContaining(message);
  }

  /** Tensors whose numbers cannot be, with a hash that holds. */
  @Test
  void positionsThatCannotBeAreRefused() throws IOException {
    for (int value : new int[] {-1, 32, Integer.MAX_VALUE}) {
      byte[] bytes = whole.clone();
      ObjectNode header = (ObjectNode) tree(headerText(bytes));
      int begin = header.get("layers.1.ledger.positions").get("data_offsets").get(0).asInt();
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(8 + headerLength(bytes) + begin + 4, value);
      assertThatThrownBy(() -> load(sealed(bytes, header)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("must ascend below 32");
    }
  }

  @Test
  void headersThatAreTooLargeAreNotRead() throws IOException {
    byte[] bomb = new byte[64];
    ByteBuffer.wrap(bomb).order(ByteOrder.LITTLE_ENDIAN).putLong(Long.MAX_VALUE);
    assertThatThrownBy(() -> load(bomb)).isInstanceOf(ModelException.class);
    String deep = "{\"__metadata__\":{\"content_sha256\":\"" + "[".repeat(5000);
    assertThatThrownBy(() -> load(withHeader(deep, new byte[0])))
        .isInstanceOf(ModelException.class);
    String nested =
        ("{\"__metadata__\":{\"content_sha256\":\"%s\",\"format\":\"kvpress.context\","
                + "\"format_version\":\"1\",\"context\":\"%s\"}}")
            .formatted(ZEROS, "{\\\"a\\\":".repeat(20_000));
    byte[] file = sealed(withHeader(nested, new byte[0]), null);
    assertThatThrownBy(() -> load(file)).isInstanceOf(ModelException.class);
  }

  @Test
  void anotherModelIsNamed() throws IOException {
    Path other = folder.resolve("other-model");
    Files.createDirectories(other);
    try (Stream<Path> files = Files.list(Path.of("..", "test-data", "models", "demo"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.toString().endsWith(".onnx")) {
          Files.copy(file, other.resolve(file.getFileName()));
        }
      }
    }
    Path weights = other.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 2] ^= 1;
    Files.write(weights, bytes);
    Path file = folder.resolve("mutated");
    Files.write(file, whole);
    try (DecoderModel changed =
        DecoderModel.open(other, DecodeFixtures.oneThread(folder.resolve("models")))) {
      assertThatThrownBy(() -> changed.loadContext(file))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("made with model demo")
          .hasMessageContaining("other-model");
    }
  }

  private static byte[] forge(Consumer<ObjectNode> change) {
    ObjectNode header = (ObjectNode) tree(headerText(whole));
    change.accept(header);
    return sealed(whole, header);
  }

  private static String headerText(byte[] bytes) {
    return new String(bytes, 8, headerLength(bytes), StandardCharsets.UTF_8);
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      return fail(e.getMessage());
    }
  }

  /** The file with a header and the hash that belongs to it. */
  private static byte[] sealed(byte[] file, ObjectNode header) {
    String text = header == null ? headerText(file) : header.toString();
    String before = "{\"__metadata__\":{\"content_sha256\":\"";
    if (!text.startsWith(before)) {
      return fail("the seal does not stand in front: %s", text.substring(0, 80));
    }
    String open = before + ZEROS + text.substring(before.length() + 64);
    byte[] data = Arrays.copyOfRange(file, 8 + headerLength(file), file.length);
    String hash = Hashing.sha256().hashBytes(withHeader(open, data)).toString();
    return withHeader(before + hash + open.substring(before.length() + 64), data);
  }

  private static byte[] withHeader(String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }

  private static float[][] load(byte[] bytes) throws IOException {
    Path file = folder.resolve("mutated");
    Files.deleteIfExists(file);
    Files.write(file, bytes);
    try (Context loaded = model.loadContext(file)) {
      return DecodeFixtures.rows(loaded.forward(9, 10));
    }
  }
}
