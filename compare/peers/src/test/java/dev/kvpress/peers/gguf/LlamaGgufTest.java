package dev.kvpress.peers.gguf;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.bench.BenchModel;
import dev.kvpress.compare.bench.BenchShape;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LlamaGgufTest {
  private static final BenchShape SHAPE = new BenchShape(2, 64, 96, 4, 2, 16, 50, 128, true);

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    model = BenchModel.cached(folder, SHAPE, 1);
  }

  /** Reads key values and tensors as the format's description has them. */
  private static final class Reader {
    private final ByteBuffer file;
    private final Map<String, Object> keys = new LinkedHashMap<>();
    private final Map<String, Long> offsets = new LinkedHashMap<>();
    private final Map<String, Integer> types = new LinkedHashMap<>();
    private final Map<String, long[]> sizes = new LinkedHashMap<>();
    private final int data;

    Reader(Path path) throws IOException {
      file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(file.getInt()).isEqualTo(0x46554747);
      assertThat(file.getInt()).isEqualTo(3);
      long tensors = file.getLong();
      long count = file.getLong();
      for (long i = 0; i < count; i++) {
        keys.put(string(), value(file.getInt()));
      }
      for (long i = 0; i < tensors; i++) {
        String name = string();
        long[] size = new long[file.getInt()];
        for (int d = 0; d < size.length; d++) {
          size[d] = file.getLong();
        }
        sizes.put(name, size);
        types.put(name, file.getInt());
        offsets.put(name, file.getLong());
      }
      data = (file.position() + 31) / 32 * 32;
    }

    private String string() {
      byte[] bytes = new byte[(int) file.getLong()];
      file.get(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }

    private Object value(int type) {
      return switch (type) {
        case 4, 5 -> file.getInt();
        case 6 -> file.getFloat();
        case 7 -> file.get() == 1;
        case 8 -> string();
        case 9 -> {
          int elements = file.getInt();
          Object[] all = new Object[(int) file.getLong()];
          for (int i = 0; i < all.length; i++) {
            all[i] = value(elements);
          }
          yield all;
        }
        default -> throw new AssertionError("type " + type);
      };
    }

    float[] read(String name, GgufType type, int elements) {
      long offset = requireNonNull(offsets.get(name));
      assertThat(offset % 32).isZero();
      assertThat(types).containsEntry(name, type.id());
      return type.read(file.position((int) (data + offset)), elements);
    }
  }

  @Test
  void aReaderOfTheFormatFindsTheModel() throws IOException {
    Reader reader = new Reader(gguf(GgufType.F32));
    assertThat(reader.keys)
        .containsEntry("general.architecture", "llama")
        .containsEntry("llama.block_count", 2)
        .containsEntry("llama.attention.head_count_kv", 2)
        .containsEntry("llama.rope.dimension_count", 16);
    assertThat((Object[]) requireNonNull(reader.keys.get("tokenizer.ggml.tokens")))
        .hasSize(50)
        .doesNotHaveDuplicates();
    assertThat(reader.offsets).hasSize(2 * 9 + 2).doesNotContainKey("output.weight");
    assertThat(reader.sizes.get("blk.1.ffn_down.weight")).containsExactly(96, 64);
    assertThat(reader.read("blk.1.ffn_down.weight", GgufType.F32, 96 * 64))
        .isEqualTo(weight("model.layers.1.mlp.down_proj.weight"));
    assertThat(reader.read("output_norm.weight", GgufType.F32, 64)).containsOnly(1);
  }

  @Test
  void rowsOfQueriesAndKeysComeInPairsThatAreRotatedTogether() throws IOException {
    Reader reader = new Reader(gguf(GgufType.F32));
    for (String kind : new String[] {"q", "k"}) {
      float[] expected = weight("model.layers.0.self_attn." + kind + "_proj.weight");
      float[] found = reader.read("blk.0.attn_" + kind + ".weight", GgufType.F32, expected.length);
      for (int row = 0; row < expected.length / 64; row++) {
        int head = row / 16;
        int pair = row % 16 / 2;
        int from = head * 16 + pair + row % 2 * 8;
        for (int column = 0; column < 64; column++) {
          assertThat(found[row * 64 + column]).isEqualTo(expected[from * 64 + column]);
        }
      }
    }
  }

  @Test
  void normsStayFloat32() throws IOException {
    Reader reader = new Reader(gguf(GgufType.Q4_0));
    assertThat(reader.read("blk.0.ffn_norm.weight", GgufType.F32, 64)).containsOnly(1);
    assertThat(reader.read("token_embd.weight", GgufType.Q4_0, 50 * 64)).hasSize(50 * 64);
  }

  @Test
  void refusesRowsThatAreNoWholeBlocks() throws IOException {
    BenchShape odd = new BenchShape(1, 64, 80, 4, 2, 16, 50, 128, true);
    Path other = BenchModel.cached(folder, odd, 1);
    assertThatThrownBy(() -> LlamaGguf.write(other, odd, GgufType.Q8_0, folder.resolve("odd.gguf")))
        .hasMessageContaining("blk.0.ffn_down.weight: rows of 80 numbers are no whole blocks");
  }

  @Test
  void textStandsForTokens() {
    int[] ids = {0, 3, 151_935, 0xd800, 3};
    assertThat(TokenText.ids(TokenText.of(ids))).isEqualTo(ids);
  }

  private Path gguf(GgufType type) throws IOException {
    Path file = folder.resolve(type + ".gguf");
    LlamaGguf.write(model, SHAPE, type, file);
    return file;
  }

  private float[] weight(String name) throws IOException {
    return requireNonNull(SafetensorsFile.read(model.resolve("model.safetensors")).get(name))
        .read();
  }
}
