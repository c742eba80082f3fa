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

/**
 * Where the tokens of a context stand, and all that follows for passes and presses: the one place
 * that knows of {@link Positions}.
 */
interface Standing {
  /** That of a name. */
  static Standing of(Positions positions) {
    return switch (positions) {
      case TRUE -> InText.INSTANCE;
      case ROLLED -> BySlot.INSTANCE;
    };
  }

  Positions positions();

  /**
   * Where the tokens of a pass stand.
   *
   * @param next {@code [B]}, position in the text of each row's next token
   * @param stepEnds {@code [B]}, positions in the text up to the end of the whole step
   */
  PassPlaces places(List<LayerCache> layers, TokenBlock block, int[] next, int[] stepEnds);

  /** The graph of a form. */
  DecoderModel.LoadedGraph graph(
      DecoderModel model, List<LayerCache> layers, AttentionForm form, TapRequest tap);

  /** Whether graphs that write in place go by it. */
  boolean mayPassInPlace();

  /**
   * Where the next token of a row will stand.
   *
   * @param inText its position in the text
   */
  int next(List<LayerCache> layers, int inText);

  /**
   * A press as such contexts ask it.
   *
   * @throws dev.kvpress.runtime.ModelException if it cannot be right there
   */
  ModelPress suited(ModelPress press);

  /**
   * Refuses edits that such caches cannot carry out.
   *
   * @throws dev.kvpress.runtime.ModelException naming press and edit
   */
  void requireFitting(ModelPress press, List<CacheEdit> edits);

  /**
   * Shows a press how a layer is rotated, and its keys as attention has seen them.
   *
   * @param index l
   * @param tokensSeen tokens that have passed in the longest row
   */
  void show(
      LayerSignals.Builder builder,
      DecoderModel model,
      List<LayerCache> layers,
      int index,
      int tokensSeen);

  /** Why a cache cannot be kept in a format there; empty where it can. */
  Optional<String> refusal(CacheFormat format);
}
