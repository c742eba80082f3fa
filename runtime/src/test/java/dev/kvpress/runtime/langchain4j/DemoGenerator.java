package dev.kvpress.runtime.langchain4j;

import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.GeneratorOptions;
import dev.kvpress.runtime.generate.ModelWords;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The demo model with a chat template, which it lacks itself. */
final class DemoGenerator implements AutoCloseable {
  private static final String TEMPLATE =
      "{% for m in messages %}{{ m['role'] }}: {{ m['content'] | trim }}\n{% endfor %}"
          + "{% if add_generation_prompt %}assistant: {% endif %}";

  private final DecoderModel model;
  private final ModelWords words;
  private final Generator generator;

  DemoGenerator(Path cache) {
    Path path = Path.of(System.getProperty("kvpress.root"), "test-data/models/demo");
    model = DecoderModel.open(path, new DecoderOptions(TestProvider.chosen(), 0, 1, cache));
    words =
        new ModelWords(
            ModelWords.beside(path).tokenizer(),
            Optional.of(ChatTemplate.of("test", TEMPLATE, Map.of())));
    generator = with(GeneratorOptions.DEFAULT);
  }

  Generator generator() {
    return generator;
  }

  /** A further one over the same model. */
  Generator with(GeneratorOptions how) {
    return Generator.over(model, words, how);
  }

  @Override
  public void close() {
    generator.close();
    model.close();
  }
}
