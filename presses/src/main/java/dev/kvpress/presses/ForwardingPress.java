package dev.kvpress.presses;

import dev.kvpress.presses.signal.Signal;
import java.util.Optional;
import java.util.Set;

/** A press around another one that is as that is, but for what a subclass overrides. */
public abstract class ForwardingPress implements ModelPress {
  private final ModelPress press;

  /** Takes the press inside. */
  protected ForwardingPress(ModelPress press) {
    this.press = press;
  }

  @Override
  public Set<Signal> needs() {
    return press.needs();
  }

  @Override
  public boolean readsAgain() {
    return press.readsAgain();
  }

  @Override
  public Set<Signal> needsOfReading() {
    return press.needsOfReading();
  }

  @Override
  public Optional<String> appends() {
    return press.appends();
  }

  @Override
  public Set<Phase> phases() {
    return press.phases();
  }

  @Override
  public boolean evictsWhileDecoding() {
    return press.evictsWhileDecoding();
  }

  @Override
  public CacheShape leaves() {
    return press.leaves();
  }

  @Override
  public CacheShape accepts() {
    return press.accepts();
  }

  @Override
  public boolean movesTokens() {
    return press.movesTokens();
  }

  @Override
  public boolean replacesValues() {
    return press.replacesValues();
  }

  @Override
  public Optional<CacheFormat> cacheFormat() {
    return press.cacheFormat();
  }

  @Override
  public BudgetKind budgetKind() {
    return press.budgetKind();
  }
}
