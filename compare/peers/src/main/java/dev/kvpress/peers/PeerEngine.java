package dev.kvpress.peers;

import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The engines. */
public enum PeerEngine {
  OURS("ours"),
  LLAMA_CPP("llama.cpp"),
  JLAMA("jlama");

  private final String label;

  PeerEngine(String label) {
    this.label = label;
  }

  /** As options and tables name it. */
  public String label() {
    return label;
  }

  /** Reads a label. */
  static final class Converter implements ITypeConverter<PeerEngine> {
    @Override
    public PeerEngine convert(String text) {
      return Arrays.stream(values())
          .filter(engine -> engine.label.equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "must be one of %s, found %s"
                          .formatted(String.join(", ", new Labels()), text)));
    }
  }

  /** The labels, for messages and help. */
  static final class Labels implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(values()).map(PeerEngine::label).iterator();
    }
  }
}
