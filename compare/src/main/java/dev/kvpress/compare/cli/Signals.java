package dev.kvpress.compare.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ctrl-C and SIGTERM, taken as such.
 *
 * <p>A hook of the machine's end would be too late: all hooks run at once, that of ONNX Runtime
 * among them, which closes the engine while work is still done on it. So the signals themselves are
 * taken, by {@code sun.misc.Signal}, the only way there is. It is called by reflection, since
 * compilers warn of it and a machine need not have it; without it signals end the process as ever.
 */
final class Signals implements AutoCloseable {
  /** What a shell tells of a process that a second Ctrl-C has ended. */
  static final int KILLED = 130;

  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);
  private static final String INTERRUPT = "INT";
  private static final String TERMINATE = "TERM";

  /** What puts back whoever took a signal before. */
  private final List<Runnable> before = new ArrayList<>();

  private Signals() {}

  /**
   * Until it is closed the first signal does something, and a second ends the process at once.
   *
   * @param first runs on a thread of its own
   */
  static Signals stop(Runnable first) {
    AtomicBoolean asked = new AtomicBoolean();
    Signals signals = new Signals();
    signals.take(
        List.of(TERMINATE, INTERRUPT),
        () -> {
          if (asked.getAndSet(true)) {
            Runtime.getRuntime().halt(KILLED);
          }
          first.run();
        });
    return signals;
  }

  /**
   * Until it is closed Ctrl-C is the business of another process of the same terminal, and SIGTERM,
   * which may be meant for this one alone, does something.
   *
   * @param terminate runs on a thread of its own
   */
  static Signals ofWorker(Runnable terminate) {
    Signals signals = new Signals();
    signals.take(List.of(INTERRUPT), () -> {});
    signals.take(List.of(TERMINATE), terminate);
    return signals;
  }

  private void take(List<String> names, Runnable taker) {
    for (String name : names) {
      try {
        take(name, taker);
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        LOG.warn("the signal {} ends the process at once, since it cannot be taken", name, e);
      }
    }
  }

  private void take(String name, Runnable taker) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    Class<?> takerType = Class.forName("sun.misc.SignalHandler");
    Method handle = type.getMethod("handle", type, takerType);
    Object signal = type.getConstructor(String.class).newInstance(name);
    Object own =
        Proxy.newProxyInstance(
            Signals.class.getClassLoader(),
            new Class<?>[] {takerType},
            (proxy, method, arguments) -> answer(taker, proxy, method, arguments));
    Object former = call(handle, signal, own);
    before.add(
        () -> {
          try {
            call(handle, signal, former);
          } catch (ReflectiveOperationException e) {
            LOG.warn("the signal {} cannot be given back", name, e);
          }
        });
  }

  private static Object call(Method method, Object... arguments)
      throws ReflectiveOperationException {
    try {
      return method.invoke(null, arguments);
    } catch (InvocationTargetException e) {
      // A signal that the machine keeps for itself (-Xrs).
      throw new ReflectiveOperationException(e.getCause());
    }
  }

  private static @Nullable Object answer(
      Runnable taker, Object proxy, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "takes signals";
      default -> {
        taker.run();
        yield null;
      }
    };
  }

  @Override
  public void close() {
    before.forEach(Runnable::run);
  }
}
