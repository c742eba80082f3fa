package dev.kvpress.runtime.cache;

import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.file.FileTensor;
import java.util.Map;

/**
 * One way in which the tokens of a layer lie in a file, the counterpart of {@link
 * LayerStore#saved}. A further one is one class and one line in {@link SavedForms}.
 */
public interface SavedForm {

  /** Its name in files. */
  String name();

  /**
   * Makes a store of tensors out of a file, without copying what can be used where it is mapped.
   *
   * @param place what the store belongs to
   * @param tensors of this layer by name, sizes agreeing with types and nothing else checked; the
   *     memory is read-only and stays for as long as a buffer of it is reachable
   * @throws dev.kvpress.runtime.ModelException naming a tensor that is missing, too many, or not of
   *     the type and shape that layout and account ask for
   */
  LayerStore open(Place place, Map<String, FileTensor> tensors);

  /**
   * What a store belongs to.
   *
   * @param pool where further memory comes from
   * @param layout sizes as the model has them
   * @param ledger the account of the tokens, checked already
   */
  record Place(BufferPool pool, HostLayerStore.Layout layout, LayerLedger ledger) {}
}
