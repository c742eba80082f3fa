package dev.kvpress.runtime.text.chat;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Conversations in a chat template, in parts: what stands up to the end of a message, and what is
 * written behind that once more is said. Parts are found in what the template writes for the whole;
 * one that writes earlier messages otherwise once others follow is refused, for the parts would
 * then be another conversation. Safe for many threads.
 */
public final class ChatFrame {
  /** What templates and Python strip: white space and the four separators. */
  private static final CharMatcher BLANK =
      CharMatcher.whitespace().or(CharMatcher.inRange('\u001c', '\u001f')).precomputed();

  /** What somebody says next, where it does not matter what. */
  private static final String NEXT = "Go on.";

  private final ChatTemplate template;
  private final Map<String, Boolean> switches;

  /**
   * Conversations in a template.
   *
   * @param switches what the template may ask for, such as {@code enable_thinking}
   */
  public ChatFrame(ChatTemplate template, Map<String, Boolean> switches) {
    this.template = requireNonNull(template, "template is null");
    this.switches = ImmutableMap.copyOf(switches);
  }

  /**
   * The two sides of where a message ends.
   *
   * @param before the text up to the end of the message
   * @param behind what follows, up to where the model's answer begins
   */
  public record Sides(String before, String behind) {}

  /**
   * A conversation up to where the model's answer begins.
   *
   * @throws dev.kvpress.runtime.ModelException if the template refuses it
   */
  public String asked(List<ChatMessage> messages) {
    return template.render(messages, true, switches);
  }

  /**
   * A conversation, apart where its last message ends, for another text to be put there.
   *
   * @throws IllegalArgumentException if the template does not write that message once as it is
   */
  public Sides aroundEnd(List<ChatMessage> messages) {
    ChatMessage last = messages.get(messages.size() - 1);
    String separator = separator(last.content());
    String text = asked(ending(messages, last.content() + separator));
    int at = placeOf(separator, text);
    String before = text.substring(0, at);
    checkArgument(
        before.endsWith(BLANK.trimLeadingFrom(last.content())),
        "the chat template (%s) changes what the %s says, so what follows would be written otherwise than what was said; give --chat-template none or another",
        template.describe(),
        last.role());
    return new Sides(before, text.substring(at + separator.length()));
  }

  /**
   * A conversation up to the end of its last message, as it stands at the beginning of every longer
   * one.
   *
   * @throws IllegalArgumentException if the template does not write that message once as it is
   */
  public String opened(List<ChatMessage> messages) {
    String before = aroundEnd(messages).before();
    String whole = asked(messages);
    // Most templates strip what is said; white space at its end is then no part of it.
    String stripped = BLANK.trimTrailingFrom(before);
    boolean kept = whole.startsWith(before);
    requireBeginning(kept || whole.startsWith(stripped));
    return kept ? before : stripped;
  }

  /**
   * What a conversation has behind a text that was written of it before.
   *
   * @param begun by {@link #opened} or {@link #asked} of its first messages
   * @throws IllegalArgumentException if it does not begin with that
   */
  public String behind(String begun, List<ChatMessage> messages) {
    String whole = asked(messages);
    requireBeginning(whole.startsWith(begun));
    return whole.substring(begun.length());
  }

  /**
   * What stands between the end of an answer and the beginning of the next one.
   *
   * @param before the conversation that was answered
   * @param answer as the model has written it
   * @param further what is said then
   * @throws IllegalArgumentException if the template does not leave the earlier messages or the
   *     answer as they were
   */
  public String behindAnswer(List<ChatMessage> before, String answer, List<ChatMessage> further) {
    return aroundAnswer(before, answer, further).behind();
  }

  /**
   * An answer as the template writes it once more is said, from where the model has begun it on:
   * with white space before it that was not there then, or without what stood at its ends.
   *
   * @param before the conversation that was answered
   * @param answer as the model has written it
   * @throws IllegalArgumentException as {@link #behindAnswer}
   */
  public String writtenAnswer(List<ChatMessage> before, String answer) {
    return aroundAnswer(before, answer, List.of(ChatMessage.user(NEXT))).before();
  }

  private Sides aroundAnswer(List<ChatMessage> before, String answer, List<ChatMessage> further) {
    String asked = asked(before);
    List<ChatMessage> all = new ArrayList<>(before);
    all.add(ChatMessage.assistant(answer));
    String middle = behind(asked, with(all, further));
    String separator = separator(answer);
    String marked = asked(with(ending(all, answer + separator), further));
    String behind = marked.substring(placeOf(separator, marked) + separator.length());
    requireBeginning(middle.endsWith(behind));
    String written = middle.substring(0, middle.length() - behind.length());
    requireBeginning(BLANK.trimFrom(written).equals(BLANK.trimFrom(answer)));
    return new Sides(written, behind);
  }

  /** Where the template comes from and what it says, for notes and results. */
  public String describe() {
    return template.describe();
  }

  private void requireBeginning(boolean holds) {
    checkArgument(
        holds,
        "the chat template (%s) writes an earlier turn otherwise than it was written then, so a conversation cannot go on on its cache; give --chat-template none or another, or let the whole conversation be read",
        template.describe());
  }

  private static List<ChatMessage> ending(List<ChatMessage> messages, String content) {
    List<ChatMessage> changed = new ArrayList<>(messages);
    int last = changed.size() - 1;
    changed.set(last, new ChatMessage(changed.get(last).role(), content));
    return changed;
  }

  private static List<ChatMessage> with(List<ChatMessage> messages, List<ChatMessage> further) {
    List<ChatMessage> all = new ArrayList<>(messages);
    all.addAll(further);
    return all;
  }

  /**
   * Longer than any run of its sign in the text, and of another sign than the text's last, so that
   * it is found again where the text ends and nowhere before.
   */
  private static String separator(String content) {
    return (content.endsWith("#") ? "=" : "#").repeat(content.length() + 10);
  }

  private int placeOf(String separator, String text) {
    int at = text.indexOf(separator);
    checkArgument(
        at >= 0 && text.indexOf(separator, at + separator.length()) < 0,
        "the chat template (%s) does not write a message exactly once, so context and question cannot be told apart; give --chat-template none or another",
        template.describe());
    return at;
  }
}
