package dev.kvpress.compare.data;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The samples of a data file and what is to be said about them.
 *
 * @param samples in file order, at least one
 * @param notices documents that were cut or passed over
 */
public record EncodedDocuments(ImmutableList<Sample> samples, ImmutableList<Remark> notices) {

  /**
   * Encodes documents.
   *
   * <p>Documents longer than the limit are cut. The context ends where the document says, else at
   * {@code --context-tokens}, else after three quarters of the (cut) document, rounded down but at
   * least 1. Texts too short to leave a continuation are passed over; explicit token ids and
   * explicit context ends are not bent: they are errors.
   *
   * @param file the documents come from, for messages
   * @param reader is closed
   * @param tokenizer absent for models that run on token ids only
   * @param maxSamples reading stops after so many samples; at least 1
   * @throws DataException naming the line that cannot be used, or if no document is left
   */
  public static EncodedDocuments encode(
      Path file,
      SampleReader<Document> reader,
      Optional<Tokenizer> tokenizer,
      SampleRules rules,
      int maxSamples) {
    if (maxSamples < 1) {
      throw new IllegalArgumentException("--max-samples: expected at least 1, found " + maxSamples);
    }
    SampleEncoder encoder = new SampleEncoder(tokenizer, rules);
    ImmutableList.Builder<Sample> samples = ImmutableList.builder();
    int count = 0;
    try (reader) {
      while (count < maxSamples) {
        Optional<Document> document = reader.next();
        if (document.isEmpty()) {
          break;
        }
        Optional<Sample> sample = encoder.encode(document.get());
        if (sample.isPresent()) {
          samples.add(sample.get());
          count++;
        }
      }
    }
    if (count == 0) {
      throw new DataException(
          file
              + ": no document is long enough: "
              + String.join("; ", Remark.onFigures(encoder.notices(file)))
              + "; lower --context-tokens or give longer documents");
    }
    return new EncodedDocuments(samples.build(), encoder.notices(file));
  }

  private static final class SampleEncoder {
    /** Longest pieces of common vocabularies are runs of this many spaces. */
    private static final int CHARACTERS_PER_TOKEN = 64;

    /** Tokens near a cut in the text may differ from those of the whole text. */
    private static final int MARGIN_TOKENS = 64;

    private final Optional<Tokenizer> tokenizer;
    private final SampleRules rules;
    private int cut;
    private int tooShort;
    private int firstShortLine;

    SampleEncoder(Optional<Tokenizer> tokenizer, SampleRules rules) {
      this.tokenizer = tokenizer;
      this.rules = rules;
    }

    Optional<Sample> encode(Document document) {
      boolean explicitIds = document.content() instanceof Document.TokenIds;
      ImmutableIntArray ids = ids(document);
      boolean longer = ids.length() > rules.limit();
      if (longer) {
        ids = ids.subArray(0, rules.limit());
      }
      int length = ids.length();
      int context =
          document
              .contextTokens()
              .orElse(rules.contextTokens().orElse(Math.max(1, (int) (length * 3L / 4))));
      if (context >= length) {
        if (explicitIds || document.contextTokens().isPresent()) {
          throw new DataException(
              document.place()
                  + "expected more than "
                  + context
                  + " tokens (the context and a continuation), found "
                  + length
                  + (longer ? " after the cut to " + rules.limitName() : "")
                  + "; lower the context tokens or give a longer document");
        }
        firstShortLine = tooShort == 0 ? document.line() : firstShortLine;
        tooShort++;
        return Optional.empty();
      }
      cut += longer ? 1 : 0;
      return Optional.of(new Sample(document.index(), ids.trimmed(), context));
    }

    private ImmutableIntArray ids(Document document) {
      ImmutableIntArray ids;
      if (document.content() instanceof Document.TokenIds given) {
        ids = given.ids();
        int positions = rules.positions().orElse(Integer.MAX_VALUE);
        if (ids.length() > positions) {
          throw new DataException(
              document.place()
                  + "token_ids: expected at most the model's "
                  + positions
                  + " positions, found "
                  + ids.length()
                  + " ids; shorten the row");
        }
      } else {
        String text = ((Document.Text) document.content()).text();
        try {
          ids = ImmutableIntArray.copyOf(tokens(document, text));
        } catch (ModelException e) {
          throw new DataException(document.place() + e.getMessage(), e);
        }
      }
      for (int i = 0; i < ids.length(); i++) {
        if (ids.get(i) >= rules.vocabularySize() || ids.get(i) < 0) {
          throw new DataException(
              document.place()
                  + "token id "
                  + ids.get(i)
                  + " at place "
                  + i
                  + " is outside the model's vocabulary of "
                  + rules.vocabularySize()
                  + "; use ids and a tokenizer that belong to the model");
        }
      }
      return ids;
    }

    /** Encodes no more of a long text than the limit needs: a book is cut to a few pages. */
    private int[] tokens(Document document, String text) {
      Tokenizer encoder =
          tokenizer.orElseThrow(
              () ->
                  new DataException(
                      document.place()
                          + "found text, but no tokenizer lies beside the model ("
                          + Tokenizers.KNOWN_FILES
                          + "); add one or give token_ids"));
      long needed = (long) rules.limit() + MARGIN_TOKENS;
      for (long size = needed * CHARACTERS_PER_TOKEN; size < text.length(); size *= 4) {
        int[] ids = encoder.encode(text.substring(0, (int) size));
        if (ids.length >= needed) {
          return ids;
        }
      }
      return encoder.encodeWhole(text);
    }

    ImmutableList<Remark> notices(Path file) {
      ImmutableList.Builder<Remark> notices = ImmutableList.builder();
      if (cut > 0) {
        notices.add(
            Remark.onFigures(
                "%s: %d %s cut to %d tokens (%s)"
                    .formatted(
                        file,
                        cut,
                        cut == 1 ? "document was" : "documents were",
                        rules.limit(),
                        rules.limitName())));
      }
      if (tooShort > 0) {
        notices.add(
            Remark.onFigures(
                "%s: %d %s too short for a context and a continuation and passed over (first: line %d)"
                    .formatted(
                        file,
                        tooShort,
                        tooShort == 1 ? "text was" : "texts were",
                        firstShortLine)));
      }
      return notices.build();
    }
  }
}
