package dev.kvpress.runtime.decode;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.List;
import java.util.Optional;

/** {@link Positions#TRUE}. */
enum InText implements Standing {
  INSTANCE;

  @Override
  public Positions positions() {
    return Positions.TRUE;
  }

  @Override
  public PassPlaces places(List<LayerCache> layers, TokenBlock block, int[] next, int[] stepEnds) {
    return new PassPlaces(layers, next, stepEnds);
  }

  @Override
  public DecoderModel.LoadedGraph graph(
      DecoderModel model, List<LayerCache> layers, AttentionForm form, TapRequest tap) {
    return new FormChoice(model, layers).load(form, tap);
  }

  @Override
  public boolean mayPassInPlace() {
    return true;
  }

  @Override
  public int next(List<LayerCache> layers, int inText) {
    return inText;
  }

  @Override
  public ModelPress suited(ModelPress press) {
    return press;
  }

  @Override
  public void requireFitting(ModelPress press, List<CacheEdit> edits) {}

  @Override
  public void show(
      LayerSignals.Builder builder,
      DecoderModel model,
      List<LayerCache> layers,
      int index,
      int tokensSeen) {
    model.rotary().ofLayer(index, tokensSeen).ifPresent(builder::rotary);
  }

  @Override
  public Optional<String> refusal(CacheFormat format) {
    return Optional.empty();
  }
}
