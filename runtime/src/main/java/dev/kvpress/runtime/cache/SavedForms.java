package dev.kvpress.runtime.cache;

import com.google.common.collect.ImmutableList;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.packed.SavedPackedForm;
import java.util.List;
import java.util.stream.Collectors;

/** The one list of ways in which the tokens of a layer lie in a file. */
public final class SavedForms {
  private static final List<SavedForm> ALL =
      ImmutableList.of(new FullForm(), new SavedPackedForm());

  private SavedForms() {}

  /**
   * The form of a name.
   *
   * @throws ModelException listing those there are
   */
  public static SavedForm named(String name) {
    return ALL.stream()
        .filter(form -> form.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ModelException(
                    "cache form must be one of %s, found %s; read the file with the version that wrote it"
                        .formatted(
                            ALL.stream().map(SavedForm::name).collect(Collectors.joining(", ")),
                            name)));
  }
}
