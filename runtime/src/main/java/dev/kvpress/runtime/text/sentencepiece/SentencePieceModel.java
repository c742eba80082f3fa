package dev.kvpress.runtime.text.sentencepiece;

import com.google.common.primitives.ImmutableIntArray;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvpress.runtime.text.sentencepiece.proto.ModelProto;
import dev.kvpress.runtime.text.sentencepiece.proto.ModelProto.SentencePiece.Type;
import dev.kvpress.runtime.text.sentencepiece.proto.NormalizerSpec;
import dev.kvpress.runtime.text.sentencepiece.proto.TrainerSpec;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** A SentencePiece model, BPE or unigram. Safe for many threads. */
public final class SentencePieceModel {
  private final Pieces pieces;
  private final Normalizer normalizer;
  private final Segmenter segmenter;
  private final boolean byteFallback;
  private final boolean addsDummyPrefix;
  private final boolean removesExtraSpaces;
  private final String unknownSurface;

  private SentencePieceModel(ModelProto model) {
    TrainerSpec trainer = model.getTrainerSpec();
    NormalizerSpec spec = model.getNormalizerSpec();
    this.byteFallback = trainer.getByteFallback();
    this.pieces = new Pieces(model.getPiecesList(), byteFallback);
    this.normalizer = new Normalizer(spec, pieces.userDefined());
    this.segmenter =
        trainer.getModelType() == TrainerSpec.ModelType.BPE
            ? new BpeSegmenter(pieces)
            : new UnigramSegmenter(pieces);
    this.addsDummyPrefix = spec.getAddDummyPrefix();
    this.removesExtraSpaces = spec.getRemoveExtraWhitespaces();
    this.unknownSurface = trainer.getUnkSurface().toStringUtf8();
  }

  /**
   * Reads a model.
   *
   * @param file content of a {@code tokenizer.model}
   * @throws IllegalArgumentException saying what is broken, or what of it cannot be done here
   */
  public static SentencePieceModel read(byte[] file) {
    ModelProto model;
    try {
      model = ModelProto.parseFrom(file);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "expected a SentencePiece model (protobuf), found something else or a part of one: "
              + e.getMessage(),
          e);
    }
    check(model);
    return new SentencePieceModel(model);
  }

  private static void check(ModelProto model) {
    if (model.getPiecesCount() == 0) {
      throw new IllegalArgumentException(
          "expected a SentencePiece model with pieces, found none; is it one?");
    }
    TrainerSpec trainer = model.getTrainerSpec();
    TrainerSpec.ModelType type = trainer.getModelType();
    // What the trainer says it may be newer than this schema: then it stands among the unknown.
    if (type == TrainerSpec.ModelType.WORD
        || type == TrainerSpec.ModelType.CHAR
        || trainer.getUnknownFields().hasField(TrainerSpec.MODEL_TYPE_FIELD_NUMBER)) {
      throw unable("model_type " + type);
    }
    if (trainer.getTreatWhitespaceAsSuffix()) {
      throw unable("treat_whitespace_as_suffix");
    }
    if (!model.getDenormalizerSpec().getPrecompiledCharsmap().isEmpty()) {
      throw unable("a denormalizer");
    }
    if (!model.getUnknownFields().asMap().isEmpty()) {
      throw unable("fields " + model.getUnknownFields().asMap().keySet() + " of the model");
    }
    if (!model.getNormalizerSpec().getUnknownFields().asMap().isEmpty()) {
      throw unable(
          "fields "
              + model.getNormalizerSpec().getUnknownFields().asMap().keySet()
              + " of the normalizer");
    }
  }

  private static IllegalArgumentException unable(String what) {
    return new IllegalArgumentException(
        "the SentencePiece model uses " + what + ", which is not supported here");
  }

  /** Whether the model puts a space before a text. */
  public boolean addsDummyPrefix() {
    return addsDummyPrefix;
  }

  /**
   * Ids of a text on its own.
   *
   * @param prefix whether a space goes before it; the model's own wish is {@link
   *     #addsDummyPrefix()}
   */
  public ImmutableIntArray encode(String text, boolean prefix) {
    return encode(text, prefix, false);
  }

  /** Ids of a text that goes on behind another one: no space is added, none lost at its front. */
  public ImmutableIntArray encodeNext(String text) {
    return encode(text, false, true);
  }

  private ImmutableIntArray encode(String text, boolean prefix, boolean continues) {
    byte[] normalized =
        normalizer.normalize(text.getBytes(StandardCharsets.UTF_8), prefix, continues);
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    if (normalized.length == 0) {
      return ids.build();
    }
    Segments segments = segmenter.segment(normalized);
    boolean afterUnknown = false;
    for (int i = 0; i < segments.count(); i++) {
      int id = segments.id(i);
      boolean unknown = id == pieces.unknown();
      if (unknown && byteFallback) {
        for (int at = i == 0 ? 0 : segments.end(i - 1); at < segments.end(i); at++) {
          ids.add(pieces.byteId(normalized[at]));
        }
      } else if (!(unknown && afterUnknown)) {
        // A run of unknown pieces is one unknown piece.
        ids.add(id);
      }
      afterUnknown = unknown;
    }
    return ids.build();
  }

  /**
   * Starts to decode.
   *
   * @param prefix whether texts were encoded with a space before them
   */
  public PieceDecoder decoder(boolean prefix) {
    return new PieceDecoder(this, prefix || removesExtraSpaces);
  }

  /** Number of ids. */
  public int size() {
    return pieces.size();
  }

  /** A piece as the model spells it. */
  public String piece(int id) {
    return new String(pieces.bytes(id), StandardCharsets.UTF_8);
  }

  /** Whether a piece never stands for text, as BOS and EOS. */
  public boolean isControl(int id) {
    return pieces.type(id) == Type.CONTROL;
  }

  boolean isByte(int id) {
    return pieces.type(id) == Type.BYTE;
  }

  int byteOf(int id) {
    return Integer.parseInt(piece(id).substring(3, 5), 16);
  }

  /** The piece for what is unknown. */
  public int unknownId() {
    return pieces.unknown();
  }

  String unknownSurface() {
    return unknownSurface;
  }

  /** Whether runs of spaces become one, and those around a text none. */
  public boolean removesExtraSpaces() {
    return removesExtraSpaces;
  }

  /**
   * Characters of a text that one piece stands for at most, spaces that are removed aside; empty
   * where a piece may stand for any number: a run of what is unknown, or what the map of characters
   * makes shorter.
   */
  public OptionalInt mostCharacters() {
    return byteFallback && !normalizer.maps()
        ? OptionalInt.of(Math.max(1, pieces.longest()))
        : OptionalInt.empty();
  }
}
