package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.data.Containers;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.data.Rows;
import dev.kvpress.compare.data.SampleReader;
import dev.kvpress.runtime.Remark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the samples of a source, file by file; rows that hold none are counted.
 *
 * @param <T> what one sample is
 */
final class SourceReader<T> implements SampleReader<T> {
  /** Makes a sample of its rows. */
  interface Maker<T> {
    Optional<T> make(List<Row> rows, int index);
  }

  private final DataSource source;
  private final Maker<T> maker;
  private final Function<Row, Optional<JsonNode>> key;
  private final Iterator<Path> files;
  private @Nullable Rows rows;
  private Optional<Row> ahead = Optional.empty();
  private int index;
  private int skipped;
  private String firstSkipped = "";

  /** Keys of the groups of the file that have passed. */
  private final Set<JsonNode> closed = new HashSet<>();

  private SourceReader(DataSource source, Maker<T> maker, Function<Row, Optional<JsonNode>> key) {
    this.source = source;
    this.maker = maker;
    this.key = key;
    this.files = source.files().iterator();
  }

  static <T> SourceReader<T> of(DataSource source, Maker<T> maker) {
    return of(source, maker, row -> Optional.empty());
  }

  /**
   * A reader of samples of several rows.
   *
   * @param key what the rows of one sample share; empty where a row stands alone
   */
  static <T> SourceReader<T> of(
      DataSource source, Maker<T> maker, Function<Row, Optional<JsonNode>> key) {
    return new SourceReader<>(source, maker, key);
  }

  @Override
  public Optional<T> next() {
    for (List<Row> group = group(); !group.isEmpty(); group = group()) {
      Optional<T> sample = maker.make(group, index);
      if (sample.isPresent()) {
        index++;
        return sample;
      }
      firstSkipped =
          skipped == 0 ? group.get(0).source() + ":" + group.get(0).line() : firstSkipped;
      skipped++;
    }
    if (index == 0) {
      throw new DataException(
          source.file()
              + ": expected at least one sample, found "
              + (skipped > 0 ? skipped + " rows, none of which can be asked" : "none"));
    }
    return Optional.empty();
  }

  @Override
  public List<Remark> notices() {
    return skipped == 0
        ? List.of()
        : List.of(
            Remark.onFigures(
                "%s: skipped %d of %d rows, which have no answer (first: %s)"
                    .formatted(source.file(), skipped, skipped + index, firstSkipped)));
  }

  /**
   * The rows of one sample; empty at the end.
   *
   * @throws DataException if rows of one sample stand apart: each part would be a question with
   *     fewer choices
   */
  private List<Row> group() {
    List<Row> group = new ArrayList<>();
    Optional<Row> next = ahead.isPresent() ? ahead : row();
    ahead = Optional.empty();
    if (next.isEmpty()) {
      return group;
    }
    Row first = next.get();
    group.add(first);
    Optional<JsonNode> shared = key.apply(first);
    if (shared.isEmpty()) {
      return group;
    }
    if (!closed.add(shared.get())) {
      throw first.error(
          "%s was there before, with others between; sort the rows so that those of one question stand together"
              .formatted(shared.get()));
    }
    for (next = row(); next.isPresent(); next = row()) {
      // Files count anew.
      if (!next.get().source().equals(first.source()) || !key.apply(next.get()).equals(shared)) {
        ahead = next;
        break;
      }
      group.add(next.get());
    }
    return group;
  }

  private Optional<Row> row() {
    while (true) {
      if (rows == null) {
        if (!files.hasNext()) {
          return Optional.empty();
        }
        rows = Containers.open(files.next());
        closed.clear();
      }
      Optional<Row> next = rows.next();
      if (next.isPresent()) {
        return next.map(source::shaped);
      }
      close();
    }
  }

  @Override
  public void close() {
    if (rows != null) {
      rows.close();
      rows = null;
    }
  }
}
