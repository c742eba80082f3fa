package dev.kvpress.compare.serve.answer;

import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.TextPiece;

/** What happens to one of several answers that are written at once. */
sealed interface ChoiceEvent {
  /** Which one. */
  int choice();

  /** More text. */
  record Piece(int choice, TextPiece piece) implements ChoiceEvent {}

  /** It is at its end. */
  record End(int choice, Generation generation) implements ChoiceEvent {}

  /** It has failed. */
  record Failure(int choice, RuntimeException reason) implements ChoiceEvent {}
}
