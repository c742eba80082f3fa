package dev.kvpress.peers.side;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.ProcessMemory;
import dev.kvpress.compare.bench.Figures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Times one generation token by token, and reads the memory of its process. */
public final class PeerClock {
  /** Time from the prompt to the first token. */
  public static final String PREFILL = "prefill_ms";

  /** Median time of a token after the first. */
  public static final String DECODE = "decode_ms";

  /** Most bytes that were ever resident (VmHWM). */
  public static final String PEAK = "peak";

  /** Bytes of the process after decoding, pages that others share counted by their part (Pss). */
  public static final String PSS = "pss";

  /** Tokens are figures of this name and their number. */
  public static final String TOKEN = "token";

  private final List<Double> millis = new ArrayList<>();
  private final ImmutableIntArray.Builder tokens = ImmutableIntArray.builder();
  private long last = System.nanoTime();

  /** Starts; the prompt is handed over right after. */
  public static PeerClock start() {
    return new PeerClock();
  }

  private PeerClock() {}

  /** Another token is known. */
  public void token(int id) {
    long now = System.nanoTime();
    millis.add((now - last) / 1e6);
    tokens.add(id);
    last = now;
  }

  /** All figures of a process that has just ended its generation. */
  public Map<String, Double> figures() throws IOException {
    checkState(millis.size() >= 2, "expected a first token and others, found %s", millis.size());
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put(PREFILL, millis.get(0));
    figures.put(
        DECODE,
        Figures.median(
            millis.subList(1, millis.size()).stream().mapToDouble(Double::doubleValue).toArray()));
    figures.put(PEAK, (double) ProcessMemory.peakBytes());
    figures.put(PSS, (double) ProcessMemory.proportionalBytes());
    ImmutableIntArray ids = tokens.build();
    for (int i = 0; i < ids.length(); i++) {
      figures.put(TOKEN + i, (double) ids.get(i));
    }
    return figures;
  }
}
