package dev.kvpress.compare.bench.serve;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;
import java.util.List;

/**
 * What a load is.
 *
 * @param streams requests in flight at any time, 1 to {@value #MOST_STREAMS}
 * @param duration how long new ones begin, at most {@value #MOST_SECONDS} s
 * @param requests what is asked, in turn
 * @param leaving share of requests, from 0 to below 1, whose client goes away behind the first
 *     piece
 */
record LoadPlan(int streams, Duration duration, List<LoadRequest> requests, double leaving) {
  static final int MOST_STREAMS = 2000;
  static final int MOST_SECONDS = 3600;

  /** Checks ranges; both bounds keep a slip of the pen from holding a machine for a day. */
  LoadPlan {
    checkArgument(
        streams >= 1 && streams <= MOST_STREAMS,
        "streams must be in range [1, %s], found %s",
        MOST_STREAMS,
        streams);
    checkArgument(
        !duration.isNegative() && !duration.isZero() && duration.toSeconds() <= MOST_SECONDS,
        "seconds must be in range (0, %s], found %s",
        MOST_SECONDS,
        duration.toSeconds());
    checkArgument(!requests.isEmpty(), "no requests to ask");
    checkArgument(
        leaving >= 0 && leaving < 1, "leaving must be in range [0, 1), found %s", leaving);
    requests = List.copyOf(requests);
  }
}
