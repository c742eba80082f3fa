package dev.kvpress.runtime.cache;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.file.FileTensor;
import java.util.List;

/**
 * What a store hands out to be kept in a file.
 *
 * @param form in which its tokens lie, the name of a {@link SavedForm}
 * @param tensors views of its memory, valid until the store changes; names without dots, of which
 *     none is {@code ledger} or {@code state}
 */
public record SavedLayer(String form, List<FileTensor> tensors) {
  /** Takes a copy of the list. */
  public SavedLayer {
    requireNonNull(form, "form is null");
    tensors = List.copyOf(tensors);
  }
}
