package dev.kvpress.compare.support;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressSpecException;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderInfo;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.text.PromptFrame;
import java.util.List;
import java.util.Optional;

/**
 * Tries one press on one model: once after a prompt, once while text is generated.
 *
 * @param press name in the catalogue
 * @param prefill why it cannot cut after the prompt; empty where it can
 * @param decoding why it cannot cut while decoding; empty where it can
 */
record PressTrial(String press, Optional<String> prefill, Optional<String> decoding) {
  private static final int PROMPT = 24;
  private static final int CHUNK = 7;
  private static final int STEPS = 6;

  /** How presses are told to cut while decoding, in the order in which they are tried. */
  private static final String AROUND = "decoding(%s,compression_interval=2,target_size=12)";

  static PressTrial of(DecoderModel model, PressCatalog catalog, PressTraits traits) {
    String name = traits.descriptor().name();
    if (traits.example().isEmpty()) {
      Optional<String> missing = Optional.of("not tried without parameters of yours");
      return new PressTrial(name, missing, missing);
    }
    NamedPress example = traits.exampleFor(catalog, model.info().layers()).orElseThrow();
    boolean prefills = traits.phases().contains("prefill");
    return new PressTrial(
        name,
        prefills ? run(model, example.press()) : Optional.of("cuts while decoding only"),
        decoding(model, catalog, example));
  }

  private static Optional<String> decoding(
      DecoderModel model, PressCatalog catalog, NamedPress example) {
    if (example.press().evictsWhileDecoding()) {
      return run(model, example.press());
    }
    if (example.press().keepsAll()) {
      return Optional.empty();
    }
    String spec = example.spec().toString();
    String inside =
        spec.endsWith(")")
            ? spec.substring(0, spec.length() - 1) + ",decoding=true)"
            : spec + "(decoding=true)";
    for (String form : List.of(inside, AROUND.formatted(spec))) {
      try {
        return run(model, catalog.make(form).press());
      } catch (PressSpecException e) {
        // The next way of asking for it, if there is one.
        continue;
      }
    }
    return Optional.of("cuts after the prompt only");
  }

  private static Optional<String> run(DecoderModel model, ModelPress press) {
    if (press.readsAgain()) {
      // The models tried have no tokenizer; which prompts are read is no matter.
      model.prompts().use(PromptFrame.encodedBy(text -> new int[] {1}));
    }
    try (Context context = start(model, press)) {
      int[] ids = new int[PROMPT];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = (i * 7 + 3) % model.info().vocabulary();
      }
      context.prefill(ids, CHUNK);
      if (press.phases().contains(Phase.PREFILL)) {
        context.compress(press, Budget.ratio(0.5));
      }
      press.cacheFormat().ifPresent(context::keepIn);
      for (int step = 0; step < STEPS; step++) {
        context.forward(step + 1);
        if (press.evictsWhileDecoding()) {
          context.compress(press, Budget.ratio(0.5));
        }
      }
      return Optional.empty();
    } catch (ModelException | IllegalArgumentException e) {
      return Optional.of(reason(String.valueOf(e.getMessage()), model.info()));
    }
  }

  private static Context start(DecoderModel model, ModelPress press) {
    model.requireSignals(press.getClass().getSimpleName(), press.needs());
    model.requireSignals(press.getClass().getSimpleName(), press.needsOfReading());
    return model.start(1, press.needs());
  }

  /** Without the press, the model and its sizes: what the table says holds for all of a kind. */
  private static String reason(String message, DecoderInfo model) {
    if (message.contains("given by --auxiliary")) {
      return "needs trained tensors for this model (docs/trained-auxiliaries.md)";
    }
    return message
        .replaceFirst("^press \\S+ needs ", "needs ")
        .replace("which model " + model.name() + " cannot give: ", "")
        .replace("model " + model.name(), "the model")
        .replace(model.architecture(), "the model")
        .replaceAll(
            "needs \\d+ positions, but the model has \\d+", "needs more positions than there are")
        .replaceAll("those for \\d+ and \\d+ tokens", "those for two lengths")
        .replaceAll("\\s+", " ");
  }
}
