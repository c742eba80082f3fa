package dev.kvpress.runtime.text;

import java.util.OptionalInt;

/** A tokenizer that does what another one does, to watch it. */
public class ForwardingTokenizer implements Tokenizer {
  private final Tokenizer other;

  /** Forwards to another one. */
  public ForwardingTokenizer(Tokenizer other) {
    this.other = other;
  }

  @Override
  public int[] encode(String text) {
    return other.encode(text);
  }

  @Override
  public int[] encodeFragment(String text) {
    return other.encodeFragment(text);
  }

  @Override
  public long fewestTokens(String text) {
    return other.fewestTokens(text);
  }

  @Override
  public String decode(int[] ids) {
    return other.decode(ids);
  }

  @Override
  public boolean leavesOpen(int id) {
    return other.leavesOpen(id);
  }

  @Override
  public OptionalInt bosId() {
    return other.bosId();
  }

  @Override
  public OptionalInt eosId() {
    return other.eosId();
  }

  @Override
  public boolean endsText(int id) {
    return other.endsText(id);
  }

  @Override
  public int vocabularySize() {
    return other.vocabularySize();
  }

  @Override
  public String describe() {
    return other.describe();
  }
}
