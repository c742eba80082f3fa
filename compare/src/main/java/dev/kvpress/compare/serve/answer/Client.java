package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Who has asked, as an answer sees him. What is sent to one who has gone is lost; that ends nothing
 * by itself, but whatever {@link #whenStopped} has named.
 */
public interface Client {
  /** Sends the whole answer. */
  void send(ObjectNode answer);

  /** Sends a piece of an answer that comes in pieces; it may wait for {@link #flush}. */
  void event(JsonNode piece);

  /** Lets go what waits. */
  void flush();

  /** Says that the answer is still being worked at, in a way that changes nothing in it. */
  void heartbeat();

  /** Ends an answer that came in pieces. */
  void done();

  /** Whether anything was sent, so that a fault can no longer be told by a status. */
  boolean hasBegun();

  /**
   * Runs once when work for this client is to end early: since he has gone, or the server stops. At
   * once where that is so already.
   */
  void whenStopped(Runnable action);

  /** Why work ends early; {@link Stop#NONE} where it does not. */
  Stop stop();

  /** Time that is left for the answer; at least a millisecond. */
  Duration timeLeft();

  /**
   * Waits for something that gives up when its thread is interrupted, which happens when work for
   * this client is to end early or its time has run out.
   *
   * @throws dev.kvpress.compare.serve.wire.ApiException if it was given up
   */
  <T> T waitFor(Supplier<T> work);

  /** Why work for a client ends before it is done. */
  enum Stop {
    /** It does not. */
    NONE,
    /** The client has closed his connection, or takes nothing any more. */
    GONE,
    /** The time of the answer has run out. */
    TIME,
    /** The server stops. */
    STOPPING
  }
}
