package dev.kvpress.runtime.decode;

import dev.kvpress.presses.ModelPress;
import java.util.Optional;

/** A row of a batch that is being decoded. */
final class BatchRow {
  private final Ticket ticket;
  private final Context context;
  private final Answer answer;
  private int seat = -1;

  BatchRow(Ticket ticket, Context context, Answer answer) {
    this.ticket = ticket;
    this.context = context;
    this.answer = answer;
  }

  Ticket ticket() {
    return ticket;
  }

  /** The row's own account; its keys and values may lie in memory of the lane. */
  Context context() {
    return context;
  }

  Answer answer() {
    return answer;
  }

  /** The press, if it may cut the cache while the row is decoded. */
  Optional<ModelPress> evicting() {
    return Optional.of(ticket.request().press()).filter(ModelPress::evictsWhileDecoding);
  }

  /** Its place in memory that rows share. */
  int seat() {
    return seat;
  }

  void sitDown(int place) {
    seat = place;
  }
}
