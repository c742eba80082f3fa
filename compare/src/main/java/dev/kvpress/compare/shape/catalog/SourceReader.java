package dev.kvpress.compare.shape.catalog;

import dev.kvpress.compare.data.Containers;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.data.Rows;
import dev.kvpress.compare.data.SampleReader;
import dev.kvpress.runtime.Remark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
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
  private final BiPredicate<Row, Row> continues;
  private final Iterator<Path> files;
  private @Nullable Rows rows;
  private Optional<Row> ahead = Optional.empty();
  private int index;
  private int skipped;
  private int firstSkipped;

  private SourceReader(DataSource source, Maker<T> maker, BiPredicate<Row, Row> continues) {
    this.source = source;
    this.maker = maker;
    this.continues = continues;
    this.files = source.files().iterator();
  }

  static <T> SourceReader<T> of(DataSource source, Maker<T> maker) {
    return of(source, maker, (first, next) -> false);
  }

  static <T> SourceReader<T> of(
      DataSource source, Maker<T> maker, BiPredicate<Row, Row> continues) {
    return new SourceReader<>(source, maker, continues);
  }

  @Override
  public Optional<T> next() {
    for (List<Row> group = group(); !group.isEmpty(); group = group()) {
      Optional<T> sample = maker.make(group, index);
      if (sample.isPresent()) {
        index++;
        return sample;
      }
      firstSkipped = skipped == 0 ? group.get(0).line() : firstSkipped;
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
                "%s: skipped %d of %d rows, which have no answer (first: line %d)"
                    .formatted(source.file(), skipped, skipped + index, firstSkipped)));
  }

  /** The rows of one sample; empty at the end. */
  private List<Row> group() {
    List<Row> group = new ArrayList<>();
    Optional<Row> next = ahead.isPresent() ? ahead : row();
    ahead = Optional.empty();
    while (next.isPresent()) {
      if (!group.isEmpty() && !continues.test(group.get(0), next.get())) {
        ahead = next;
        break;
      }
      group.add(next.get());
      // A row that would not even continue itself stands alone: no need to look ahead.
      if (!continues.test(group.get(0), group.get(0))) {
        break;
      }
      next = row();
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
