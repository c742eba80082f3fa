package dev.kvpress.runtime.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.architecture.Architectures;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.file.JsonFile;
import dev.kvpress.runtime.file.LfsPointer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A llama2.c checkpoint of the legacy layout: seven int32 and then all weights as float32, grouped
 * by kind.
 *
 * <p>Its rotary embedding turns adjacent pairs; rows of the query and key projections are regrouped
 * inside each head while they are written (even rows first, then odd ones), after which turning
 * halves gives the same scores.
 */
final class Llama2cCheckpoint extends Checkpoint {
  private static final int HEADER_INTS = 7;
  private static final int HEADER_BYTES = HEADER_INTS * Integer.BYTES;

  /** First word of the later, versioned layouts. */
  private static final int VERSIONED_MAGIC = 0x616b3432;

  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String FINAL_NORM = "model.norm.weight";
  private static final String OUTPUT = "lm_head.weight";

  private final Path file;
  private final Architecture architecture;
  private final Map<String, Long> offsets;

  private Llama2cCheckpoint(Path file, Architecture architecture, Map<String, Long> offsets) {
    this.file = file;
    this.architecture = architecture;
    this.offsets = offsets;
  }

  static Llama2cCheckpoint openFolder(Path folder) {
    List<Path> candidates;
    try (Stream<Path> entries = Files.list(folder)) {
      candidates =
          entries
              .filter(Files::isRegularFile)
              .filter(f -> isCandidate(String.valueOf(f.getFileName())))
              .filter(f -> !isPickled(f))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new ModelException(folder + ": cannot read: " + FileFaults.reason(e), e);
    }
    if (candidates.isEmpty()) {
      throw ForeignFolder.noModel(folder);
    }
    if (candidates.size() > 1) {
      throw new ModelException(
          folder
              + ": expected config.json with model.safetensors, or exactly one llama2.c .bin beside"
              + " its tok*.bin, found "
              + candidates.stream().map(f -> String.valueOf(f.getFileName())).toList());
    }
    return openFile(candidates.get(0));
  }

  private static boolean isCandidate(String name) {
    return name.endsWith(".bin") && !name.startsWith("tok");
  }

  /** Whether a .bin is PyTorch's, by the archive or pickle that it begins with. */
  static boolean isPickled(Path file) {
    byte[] start = new byte[4];
    try (InputStream in = Files.newInputStream(file)) {
      int read = in.readNBytes(start, 0, start.length);
      boolean archive = read == 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3;
      boolean pickle = read >= 2 && start[0] == (byte) 0x80 && start[1] >= 2 && start[1] <= 5;
      // A header of whole numbers below 2^15 begins with no such bytes but in a model of 640 or
      // more channels, whose next bytes are zero.
      return archive || pickle && read == 4 && (start[2] != 0 || start[3] != 0);
    } catch (IOException e) {
      return false;
    }
  }

  static Llama2cCheckpoint openFile(Path file) {
    LfsPointer.refuse(file);
    FileFaults.requireContent(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < HEADER_BYTES) {
        throw new ModelException(
            file + ": expected a llama2.c header of 28 bytes, found a file of " + size);
      }
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      FloatDecoder.readFully(channel, 0, header);
      int[] fields = new int[HEADER_INTS];
      header.flip().asIntBuffer().get(fields);
      if (fields[0] == VERSIONED_MAGIC) {
        throw new ModelException(
            file + ": versioned llama2.c files (ak42) are not supported; export with version 0");
      }
      Header sizes = header(file, fields);
      // Checks every size before any is multiplied.
      Architecture architecture = architecture(file, sizes);
      Map<String, Long> offsets = new HashMap<>();
      long expected = layOut(sizes, offsets);
      if (expected != size) {
        throw new ModelException(
            file
                + ": the header ("
                + describe(sizes)
                + ") asks for "
                + expected
                + " bytes, found "
                + size
                + "; the file is cut or no llama2.c checkpoint");
      }
      return new Llama2cCheckpoint(file, architecture, offsets);
    } catch (IOException e) {
      throw new ModelException(file + ": cannot read: " + FileFaults.reason(e), e);
    }
  }

  private static Header header(Path file, int[] fields) {
    int dim = fields[0];
    int heads = fields[3];
    // A negative vocabulary is how the format says that the output matrix stands apart.
    boolean tied = fields[5] > 0;
    if (heads < 1 || dim < 1 || dim % heads != 0) {
      throw new ModelException(
          file
              + ": header: dim at byte 0 must be a positive multiple of n_heads at byte 12, found "
              + dim
              + " and "
              + heads);
    }
    if (fields[5] == Integer.MIN_VALUE) {
      throw new ModelException(file + ": header: vocab_size at byte 20 is out of range");
    }
    return new Header(
        dim, fields[1], fields[2], heads, fields[4], Math.abs(fields[5]), fields[6], tied);
  }

  /** The fields of the header as a configuration of a Hugging Face Llama. */
  private static Architecture architecture(Path file, Header header) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("architectures").add("LlamaForCausalLM");
    json.put("hidden_size", header.dim());
    json.put("intermediate_size", header.feedForward());
    json.put("num_hidden_layers", header.layers());
    json.put("num_attention_heads", header.heads());
    json.put("num_key_value_heads", header.kvHeads());
    json.put("vocab_size", header.vocab());
    json.put("max_position_embeddings", header.positions());
    json.put("rms_norm_eps", 1e-5);
    json.put("tie_word_embeddings", header.tied());
    return Architectures.read(JsonFile.of(file + ": header", json), tensor -> false);
  }

  /** What the seven numbers say, with the sign of the vocabulary told apart. */
  private record Header(
      int dim,
      int feedForward,
      int layers,
      int heads,
      int kvHeads,
      int vocab,
      int positions,
      boolean tied) {

    int headSize() {
      return dim / heads;
    }
  }

  private static String describe(Header c) {
    return "dim "
        + c.dim()
        + ", hidden_dim "
        + c.feedForward()
        + ", n_layers "
        + c.layers()
        + ", n_heads "
        + c.heads()
        + ", n_kv_heads "
        + c.kvHeads()
        + ", vocab_size "
        + c.vocab()
        + ", seq_len "
        + c.positions();
  }

  /** Gives every weight its byte offset and returns where the file must end. */
  private static long layOut(Header c, Map<String, Long> offsets) {
    long matrix = (long) c.vocab() * c.dim();
    long queryRows = (long) c.heads() * c.headSize();
    long kvRows = (long) c.kvHeads() * c.headSize();
    long feed = (long) c.feedForward() * c.dim();
    long at = HEADER_BYTES;
    offsets.put(EMBEDDING, at);
    at += matrix * Float.BYTES;
    at = perLayer(c, offsets, "input_layernorm.weight", c.dim(), at);
    at = perLayer(c, offsets, "self_attn.q_proj.weight", queryRows * c.dim(), at);
    at = perLayer(c, offsets, "self_attn.k_proj.weight", kvRows * c.dim(), at);
    at = perLayer(c, offsets, "self_attn.v_proj.weight", kvRows * c.dim(), at);
    at = perLayer(c, offsets, "self_attn.o_proj.weight", queryRows * c.dim(), at);
    at = perLayer(c, offsets, "post_attention_layernorm.weight", c.dim(), at);
    at = perLayer(c, offsets, "mlp.gate_proj.weight", feed, at);
    at = perLayer(c, offsets, "mlp.down_proj.weight", feed, at);
    at = perLayer(c, offsets, "mlp.up_proj.weight", feed, at);
    offsets.put(FINAL_NORM, at);
    at += (long) c.dim() * Float.BYTES;
    // Cosine and sine tables, which the graph computes itself.
    at += (long) c.positions() * c.headSize() * Float.BYTES;
    if (!c.tied()) {
      offsets.put(OUTPUT, at);
      at += matrix * Float.BYTES;
    }
    return at;
  }

  private static long perLayer(
      Header c, Map<String, Long> offsets, String name, long elements, long start) {
    long at = start;
    for (int layer = 0; layer < c.layers(); layer++) {
      offsets.put("model.layers." + layer + "." + name, at);
      at += elements * Float.BYTES;
    }
    return at;
  }

  @Override
  Architecture architecture() {
    return architecture;
  }

  @Override
  public List<Path> files() {
    return List.of(file);
  }

  @Override
  void write(TensorSpec weight, WritableByteChannel out) throws IOException {
    Long offset = offsets.get(weight.name());
    if (offset == null) {
      throw new IllegalArgumentException("not a weight of this checkpoint: " + weight.name());
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (weight.name().endsWith("q_proj.weight") || weight.name().endsWith("k_proj.weight")) {
        copyHalves(channel, offset, weight.shape().get(0), weight.shape().get(1), out);
      } else {
        FloatDecoder.F32.copy(channel, offset, weight.elements(), out);
      }
    }
  }

  /** Writes row by row: within each head all even rows, then all odd ones. */
  private void copyHalves(
      FileChannel in, long offset, long rows, long columns, WritableByteChannel out)
      throws IOException {
    int headSize = config().headDim();
    int half = headSize / 2;
    // Reads of one row reuse one buffer: a direct buffer per row would outrun the garbage
    // collector.
    ByteBuffer buffer = ByteBuffer.allocateDirect(Math.toIntExact(columns * Float.BYTES));
    for (long head = 0; head < rows / headSize; head++) {
      for (int row = 0; row < headSize; row++) {
        int source = row < half ? 2 * row : 2 * (row - half) + 1;
        long start = (head * headSize + source) * columns;
        FloatDecoder.readFully(in, offset + start * Float.BYTES, buffer.clear());
        buffer.flip();
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
      }
    }
  }
}
