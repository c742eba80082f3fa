package dev.kvpress.compare.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ctrl-C or SIGTERM: the endpoint stops, and the process ends with 0 once it has; a second signal
 * ends it at once.
 *
 * <p>A hook of the machine's end would be too late: all hooks run at once, that of ONNX Runtime
 * among them, which closes the engine while answers are still written. So the signals themselves
 * are taken, by {@code sun.misc.Signal}, the only way there is. It is called by reflection, since
 * compilers warn of it and a machine need not have it; without it signals end the process as ever.
 */
final class ServeStop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServeStop.class);
  private static final List<String> SIGNALS = List.of("TERM", "INT");

  // What a shell tells of a process that a second Ctrl-C has ended.
  private static final int KILLED = 130;

  private final CountDownLatch asked = new CountDownLatch(1);

  /** What puts back whoever took a signal before. */
  private final List<Runnable> before = new ArrayList<>();

  private ServeStop() {}

  /** Listens from here on until it is closed. */
  static ServeStop install() {
    ServeStop stop = new ServeStop();
    for (String name : SIGNALS) {
      try {
        stop.take(name);
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        LOG.warn("the signal {} ends the process at once, since it cannot be taken", name, e);
      }
    }
    return stop;
  }

  private void take(String name) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    Class<?> taker = Class.forName("sun.misc.SignalHandler");
    Method handle = type.getMethod("handle", type, taker);
    Object signal = type.getConstructor(String.class).newInstance(name);
    Object own =
        Proxy.newProxyInstance(
            ServeStop.class.getClassLoader(),
            new Class<?>[] {taker},
            (proxy, method, arguments) -> answer(proxy, method, arguments));
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

  private @Nullable Object answer(Object proxy, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "stops the endpoint";
      default -> {
        if (asked.getCount() == 0) {
          Runtime.getRuntime().halt(KILLED);
        }
        asked.countDown();
        yield null;
      }
    };
  }

  /** Waits until somebody asks to stop; an interrupt asks too. */
  void await() {
    try {
      asked.await();
    } catch (InterruptedException e) {
      // Whoever runs this as a part of something else stops it so; the flag would only disturb
      // what is still to be closed.
    }
  }

  @Override
  public void close() {
    before.forEach(Runnable::run);
  }
}
