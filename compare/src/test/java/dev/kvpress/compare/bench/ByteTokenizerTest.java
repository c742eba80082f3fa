package dev.kvpress.compare.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ByteTokenizerTest {
  private static final String TEXT = "Zwölf Boxkämpfer\n\t~¡¬­® 😀 \u007f\u0000 end";

  @TempDir Path folder;

  @Test
  void everyByteOfATextIsATokenOfItsValue() throws IOException {
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, ByteTokenizer.json().toString());
    Tokenizer tokenizer = Tokenizers.find(file).orElseThrow();
    int[] ids = tokenizer.encode(TEXT);
    byte[] bytes = TEXT.getBytes(StandardCharsets.UTF_8);
    assertThat(ids).hasSize(bytes.length);
    for (int i = 0; i < ids.length; i++) {
      assertThat(ids[i]).isEqualTo(bytes[i] & 0xFF);
    }
    assertThat(tokenizer.decode(ids)).isEqualTo(TEXT);
  }
}
