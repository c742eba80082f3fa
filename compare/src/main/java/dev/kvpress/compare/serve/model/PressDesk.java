package dev.kvpress.compare.serve.model;

import static java.util.Objects.requireNonNull;

import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.JsonText;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides, in one place, which press with which budget cuts the cache of a request: what its fields
 * say, else what the name of its model says, else what the server does by default.
 */
public final class PressDesk {
  private static final String MODEL = "model";
  private static final String PRESS = "press";
  private static final String RATIO = "compression_ratio";
  private static final String TOKENS = "kv_budget";

  private final ServedModel model;
  private final PressMaker maker;

  /** A desk for a model, with who makes the presses that are named. */
  public PressDesk(ServedModel model, PressMaker maker) {
    this.model = requireNonNull(model, "model is null");
    this.maker = requireNonNull(maker, "maker is null");
  }

  /** What is served. */
  public ServedModel model() {
    return model;
  }

  /** All presses that may be named. */
  public PressCatalog catalog() {
    return maker.catalog();
  }

  /** Whether a name says a press or a budget by itself. */
  public boolean saysPress(String name) {
    return !wishOf(name).isEmpty();
  }

  /** What a name alone asks for. */
  public ServedPress named(String name) {
    return choose(name, PressWish.NONE);
  }

  /**
   * What cuts the cache of a request.
   *
   * @param name of the model, as it was asked for
   * @param fields what the request itself says
   * @throws ApiException if there is no such model or press, or press and budget do not go together
   */
  public ServedPress choose(String name, PressWish fields) {
    PressWish inName = wishOf(name);
    if (fields.press().isPresent() && inName.press().isPresent()) {
      throw ApiException.field(
          PRESS,
          "press: the model's name '%s' says a press already; leave one of them out"
              .formatted(JsonText.shortened(name)));
    }
    if (fields.hasBudget() && inName.hasBudget()) {
      throw ApiException.field(
          fields.ratio().isPresent() ? RATIO : TOKENS,
          "the model's name '%s' says how much to remove already; leave one of them out"
              .formatted(JsonText.shortened(name)));
    }
    Optional<String> spoken = fields.press().or(inName::press);
    String where = inName.press().isPresent() ? MODEL : PRESS;
    NamedPress press = make(where, spoken.or(model.standard()::press).orElse("baseline"));
    PressWish asked = fields.hasBudget() ? fields : inName;
    return new ServedPress(press, budget(press, asked));
  }

  private Budget budget(NamedPress press, PressWish asked) {
    boolean follows = press.press().budgetKind() != BudgetKind.OWN;
    if (!follows) {
      boolean removes = asked.tokens().isPresent() || asked.ratio().orElse(0) > 0;
      if (removes) {
        String how =
            press.press().keepsAll()
                ? "keeps the whole cache; name a press that removes something"
                : "removes by its own rule; leave the budget out";
        throw ApiException.field(
            asked.ratio().isPresent() ? RATIO : TOKENS,
            "%s: press '%s' %s"
                .formatted(asked.ratio().isPresent() ? RATIO : TOKENS, press.spec(), how));
      }
      return Budget.FULL;
    }
    PressWish wish = asked.hasBudget() ? asked : model.standard();
    if (wish.tokens().isPresent()) {
      return Budget.tokens(wish.tokens().getAsInt());
    }
    if (wish.ratio().isPresent()) {
      return Budget.ratio(wish.ratio().getAsDouble());
    }
    throw ApiException.field(
        RATIO,
        "compression_ratio: expected one (or kv_budget), since press '%s' follows a budget; give for instance \"compression_ratio\": 0.6, or the model as '%s%s%s@0.6'"
            .formatted(press.spec(), model.name(), ServedModel.SEPARATOR, press.spec()));
  }

  private PressWish wishOf(String name) {
    if (name.equals(model.name())) {
      return PressWish.NONE;
    }
    PressWish alias = model.aliases().get(name);
    if (alias != null) {
      return alias;
    }
    String prefix = model.name() + ServedModel.SEPARATOR;
    if (!name.startsWith(prefix)) {
      throw ApiException.notFound(
          MODEL,
          "model_not_found",
          "the model '%s' is not there; there is %s, each also as '%sPRESS@RATIO' for a press and a ratio"
              .formatted(JsonText.shortened(name), String.join(", ", names()), prefix));
    }
    try {
      return PressWish.parse(name.substring(prefix.length()));
    } catch (IllegalArgumentException e) {
      throw ApiException.field(MODEL, "model: " + e.getMessage());
    }
  }

  /** All names that are listed. */
  public List<String> names() {
    List<String> names = new ArrayList<>(List.of(model.name()));
    names.add(model.name() + ServedModel.SEPARATOR + "baseline");
    names.addAll(model.aliases().keySet());
    return names;
  }

  private NamedPress make(String where, String spec) {
    try {
      return maker.kept(spec);
    } catch (IllegalArgumentException e) {
      throw ApiException.field(where, where + ": " + e.getMessage());
    }
  }
}
