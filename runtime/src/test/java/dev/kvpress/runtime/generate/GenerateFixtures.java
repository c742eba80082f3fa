package dev.kvpress.runtime.generate;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.export.TestProvider;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What tests of the generator share. */
final class GenerateFixtures {
  /** Roles by name, content stripped as most templates do, an end behind each message. */
  static final String TEMPLATE =
      "{% for m in messages %}{{ m['role'] }}: {{ m['content'] | trim }}\n{% endfor %}"
          + "{% if add_generation_prompt %}assistant: {% endif %}";

  static final String STORY =
      "Once upon a time, there was a little girl named Lily. She loved to play outside in the"
          + " park with her dog.";

  private GenerateFixtures() {}

  static Path modelPath() {
    return SharedModels.path("models/stories260K");
  }

  static DecoderModel open(Path cache) {
    return DecoderModel.open(modelPath(), new DecoderOptions(TestProvider.chosen(), 0, 1, cache));
  }

  /** The model's tokenizer with a chat template of the test's own. */
  static ModelWords words() {
    return new ModelWords(
        ModelWords.beside(modelPath()).tokenizer(),
        Optional.of(ChatTemplate.of("test", TEMPLATE, Map.of())));
  }

  static ModelPress press(String spec) {
    return PressCatalog.load().make(spec).press();
  }

  /** A press that removes a fraction, or goes by its own sizes. */
  static Compression removing(double ratio, ModelPress press) {
    boolean own = press.budgetKind() == BudgetKind.OWN;
    return new Compression(press, own ? Budget.FULL : Budget.ratio(ratio));
  }

  static void await(CountDownLatch latch) {
    try {
      if (!latch.await(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("waited for a minute");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
