package dev.kvpress.runtime.text.jinja;

/**
 * What a name stands for that has no value: writes nothing, is false, and may not be asked for
 * anything.
 *
 * @param name as the template wrote it, for messages
 */
record Undefined(String name) {
  JinjaException misused() {
    return new JinjaException("'" + name + "' is undefined");
  }

  /** All of them are the same. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Undefined;
  }

  @Override
  public int hashCode() {
    return 0;
  }
}
