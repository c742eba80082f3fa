package dev.kvpress.compare.cli;

import dev.kvpress.compare.support.PressTraits;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.decode.DecoderInfo;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.text.FittedTokenizer;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a model gives, and which presses it can therefore serve. */
final class ModelChecks {

  /** Positions of a text that any model is good for; how long one's own are doctor cannot know. */
  private static final int SHORT_TEXT = 256;

  private static final List<Signal> SIGNALS =
      List.of(
          new Signal.AttentionSums(),
          new Signal.AttentionMaxima(),
          new Signal.AttentionRows(1),
          new Signal.AttentionMatrix(),
          new Signal.Queries(Signal.ALL, true),
          new Signal.Queries(Signal.ALL, false),
          new Signal.HiddenStates(),
          new Signal.OutputProjection(),
          new Signal.Rotary());

  private ModelChecks() {}

  /** How far texts go that presses are judged for. */
  static int positions(DecoderModel model) {
    return Math.min(SHORT_TEXT, model.info().maxPositions().orElse(SHORT_TEXT));
  }

  /** Its shape, in the letters of the glossary. */
  static Check shape(DecoderModel model) {
    DecoderInfo info = model.info();
    return Check.ok(
        "model",
        "%s (%s): %d layers, %d query heads, %d KV heads of size %d, vocabulary %d, %s positions; a token of cache takes %,d bytes"
            .formatted(
                info.name(),
                info.architecture(),
                info.layers(),
                info.queryHeads(),
                info.kvHeads(),
                info.headSize(),
                info.vocabulary(),
                info.maxPositions().isPresent()
                    ? String.valueOf(info.maxPositions().getAsInt())
                    : "any number of",
                model.cacheBytesPerToken()));
  }

  /** How its weights are stored, as {@link ModelOpening} says it. */
  static Check weights(String line) {
    return Check.ok("weights", line.replaceFirst("^weights: ", ""));
  }

  /** The tokenizer beside it, and whether the model has a row for each of its tokens. */
  static Check tokenizer(Tokenizer tokenizer, DecoderModel model) {
    int rows = model.info().vocabulary();
    return FittedTokenizer.excess(tokenizer, rows)
        .map(excess -> Check.absent("tokenizer", excess))
        .orElseGet(
            () ->
                Check.ok(
                    "tokenizer",
                    "%s, %d of the model's %d ids"
                        .formatted(tokenizer.describe(), tokenizer.vocabularySize(), rows)));
  }

  /** How tokens pass and the like; the dialect of its graph has a section of its own. */
  static List<Check> notices(DecoderModel model) {
    List<String> dialect = model.findings().dialect();
    return model.notices().stream()
        .map(Remark::text)
        .filter(notice -> dialect.stream().noneMatch(notice::endsWith))
        .map(found -> Check.ok("note", found))
        .toList();
  }

  static List<Check> signals(DecoderModel model) {
    List<Check> checks = new ArrayList<>();
    for (Signal signal : SIGNALS) {
      String name = signal.label().replaceAll("\\(.*", "");
      checks.add(
          model
              .refusal(signal)
              .map(reason -> Check.absent(name, reason))
              .orElseGet(() -> Check.ok(name, "")));
    }
    return checks;
  }

  static List<Check> presses(DecoderModel model, PressCatalog catalog) {
    return catalog.descriptors().stream()
        .map(line -> press(line, catalog, model))
        .collect(Collectors.toList());
  }

  private static Check press(PressDescriptor line, PressCatalog catalog, DecoderModel model) {
    PressTraits traits = PressTraits.of(line, catalog);
    if (traits.example().isEmpty()) {
      return Check.absent(line.name(), "not tried without its parameters: " + traits.missing());
    }
    Map<String, List<String>> signalsByReason = new LinkedHashMap<>();
    ModelPress example = traits.example().get().press();
    for (Signal signal : Signal.union(List.of(example.needs(), example.needsOfReading()))) {
      model
          .refusal(signal)
          .ifPresent(
              reason ->
                  signalsByReason
                      .computeIfAbsent(reason, key -> new ArrayList<>())
                      .add(signal.label()));
    }
    List<String> refusals = new ArrayList<>();
    signalsByReason.forEach(
        (reason, signals) -> refusals.add(String.join(", ", signals) + " (" + reason + ")"));
    if (!refusals.isEmpty()) {
      return Check.absent(line.name(), "needs " + String.join("; ", refusals));
    }
    return model
        .refusal(example, positions(model))
        .map(reason -> Check.absent(line.name(), reason))
        .orElseGet(() -> Check.ok(line.name(), ""));
  }
}
