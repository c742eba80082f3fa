package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.TextPiece;
import java.util.Optional;

/** How answers of one kind look in JSON. */
interface AnswerShape {
  /** The field of a request that says what is gone on with. */
  String promptField();

  /** What surrounds choices; pieces of an answer may have another one than a whole answer. */
  ObjectNode envelope(boolean piece);

  /** What a choice begins with before anything is written, if with anything. */
  Optional<ObjectNode> opening(int choice);

  /** A piece of a choice. */
  ObjectNode piece(int choice, TextPiece piece);

  /** Whether a piece that has tokens but no text yet says anything. */
  boolean tellsTokens();

  /** The last piece of a choice, which says why it ends. */
  ObjectNode ending(int choice, Generation generation);

  /** A choice as a whole. */
  ObjectNode whole(int choice, Generation generation);
}
