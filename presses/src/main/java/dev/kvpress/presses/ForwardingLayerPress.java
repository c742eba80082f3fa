package dev.kvpress.presses;

import dev.kvpress.presses.signal.LayerSignals;
import java.util.Optional;

/** A press around one that works layer by layer, as that is but for what a subclass overrides. */
public abstract class ForwardingLayerPress extends ForwardingPress implements Press {
  /** The press inside. */
  protected final Press press;

  /** Takes the press inside. */
  protected ForwardingLayerPress(Press press) {
    super(press);
    this.press = press;
  }

  @Override
  public Optional<PressState> observe(LayerSignals layer) {
    return press.observe(layer);
  }
}
