package dev.kvpress.compare.bench.serve;

import java.util.List;
import java.util.Random;

/** Requests of all hostile kinds in turn, the same for a seed. */
final class HostileRequests {
  // Neighbouring seeds have no requests in common.
  private static final long SPREAD = 1_000_003;

  private static final List<Kind> KINDS =
      List.of(
          HostileBodies::noRequest,
          HostileBodies::wrongField,
          HostileBodies::wrongField,
          HostileBodies::wrongField,
          HostileBodies::wrongMessages,
          HostileBodies::twice,
          HostileBodies::deep,
          HostileBodies::foreignIds,
          HostileBodies::tooMany,
          HostileBodies::longNumber,
          HostileBodies::badText,
          HostileWire::head,
          HostileWire::head,
          HostileWire::noise,
          HostileWire::flood,
          HostileWire::unwelcome,
          HostileWire::cut,
          HostileWire::slow,
          HostileWire::huge);

  private HostileRequests() {}

  /**
   * One of them, which cannot be answered with anything but a refusal.
   *
   * @param number from 0; kinds follow one another
   * @param model name of a model that the server has
   */
  static HostileRequest numbered(int number, long seed, String model) {
    Random random = new Random(seed * SPREAD + number);
    return KINDS.get(number % KINDS.size()).request(random, model);
  }

  @FunctionalInterface
  private interface Kind {
    HostileRequest request(Random random, String model);
  }
}
