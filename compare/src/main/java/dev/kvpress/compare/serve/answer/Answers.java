package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Suppliers;
import dev.kvpress.compare.serve.ask.AskLimits;
import dev.kvpress.compare.serve.ask.ChatReader;
import dev.kvpress.compare.serve.ask.CompletionReader;
import dev.kvpress.compare.serve.ask.TokenReader;
import dev.kvpress.compare.serve.model.ContextFolder;
import dev.kvpress.compare.serve.model.ContextShelf;
import dev.kvpress.compare.serve.model.PressDesk;
import dev.kvpress.compare.serve.model.PressList;
import dev.kvpress.compare.serve.wire.JsonText;
import dev.kvpress.runtime.generate.Generator;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;

/** Answers what is asked of one model. Safe for any thread. */
public final class Answers {
  private static final int READING_AT_ONCE = 4;

  private final Semaphore reading = new Semaphore(READING_AT_ONCE);
  private final AskLimits limits;
  private final CompletionReader completionReader;
  private final ChatReader chatReader;
  private final CompletionService completions;
  private final ChatService chats;
  private final ModelDesk models;
  private final TokenDesk tokens;
  private final PressList presses;
  private final Supplier<JsonNode> allPresses;

  /**
   * Over a generator, which stays the caller's to close.
   *
   * @param folder of stored contexts, where there is one
   * @param presses that may be named
   */
  public Answers(
      Generator generator,
      PressDesk desk,
      AskLimits limits,
      ContextShelf shelf,
      Optional<ContextFolder> folder,
      PressList presses) {
    Contexts contexts = new Contexts(generator, shelf, folder, desk.catalog());
    this.limits = limits;
    completionReader = new CompletionReader(limits);
    chatReader = new ChatReader(limits);
    completions = new CompletionService(generator, desk, contexts);
    chats = new ChatService(generator, desk, contexts);
    models = new ModelDesk(generator, desk);
    tokens = new TokenDesk(generator, desk);
    this.presses = presses;
    allPresses = Suppliers.memoize(() -> JsonText.tree(presses.all()));
  }

  /**
   * Goes on with prompts.
   *
   * @throws RuntimeException what went wrong before anything was sent
   */
  public void completion(byte[] request, Client client) {
    completions.answer(read(request, completionReader::read), client);
  }

  /**
   * Answers a conversation.
   *
   * @throws RuntimeException what went wrong before anything was sent
   */
  public void chat(byte[] request, Client client) {
    chats.answer(read(request, chatReader::read), client);
  }

  /** Tells the tokens of a prompt. */
  public void tokenize(byte[] request, Client client) {
    client.send(tokens.tokenize(read(request, TokenReader::tokenize)));
  }

  /** Tells the text of tokens. */
  public void detokenize(byte[] request, Client client) {
    client.send(tokens.detokenize(read(request, tree -> TokenReader.detokenize(tree, limits))));
  }

  /** Few at once: as a tree a request takes many times the bytes that it has come with. */
  private <T> T read(byte[] request, Function<ObjectNode, T> reader) {
    reading.acquireUninterruptibly();
    try {
      return reader.apply(JsonText.read(request));
    } finally {
      reading.release();
    }
  }

  /** Which models there are. */
  public ModelDesk models() {
    return models;
  }

  /**
   * Which presses there are, and which the model cannot be used with.
   *
   * @param spec of the one that is meant; empty for all
   */
  public JsonNode presses(Optional<String> spec) {
    return spec.map(presses::one).map(JsonText::tree).orElseGet(allPresses);
  }

  /** How the model's texts become tokens. */
  public ObjectNode tokenizer() {
    return tokens.info();
  }
}
