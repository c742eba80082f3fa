package dev.kvpress.compare.prompt;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.kvpress.compare.data.Dialogue;
import dev.kvpress.compare.data.Joints;
import dev.kvpress.compare.data.Question;
import dev.kvpress.runtime.text.OpenContext;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.chat.ChatFrame;
import dev.kvpress.runtime.text.chat.ChatMessage;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes the prompts of one model.
 *
 * <p>A question is written as kvpress's pipeline writes it (kvpress/pipeline.py, preprocess). For a
 * base model: BOS and the context, then question, line end and the beginning of the answer as a
 * piece of its own. For a chat model: the context as what the user says, then the question and what
 * the template puts behind the user's turn, with the beginning of the answer. Context and question
 * are encoded apart, so that the tokens of the context do not depend on what is asked.
 */
public final class PromptWriter {
  /** What stands between a question and its answer where no template says it. */
  private static final String LINE_END = "\n";

  /** As kvpress's evaluation has it. */
  private static final Map<String, Boolean> SWITCHES = Map.of("enable_thinking", false);

  private final Tokenizer tokenizer;
  private final TemplateChoice choice;
  private final Optional<ChatTemplate> template;
  private final boolean queryAware;

  /**
   * A writer.
   *
   * @param choice in which form questions are written
   * @param queryAware whether the question is compressed together with the context
   */
  public PromptWriter(Tokenizer tokenizer, TemplateChoice choice, boolean queryAware) {
    this.tokenizer = tokenizer;
    this.choice = choice;
    this.template = choice.template();
    this.queryAware = queryAware;
  }

  /** What surrounds a context that the user says. */
  private record Turn(String context, String behind) {}

  /**
   * A question of a data file, in the form that was chosen or that its data has.
   *
   * @param shots solved examples in front; may be empty
   * @param answer what is expected; may be empty
   * @throws IllegalArgumentException if a part has no tokens, or the template does not leave the
   *     context as it is
   */
  public PromptTokens question(Question question, String shots, String answer) {
    String context = shots + question.context();
    return isRunningText(question)
        ? text(context, question.prompt(), answer)
        : question(context, question.question(), question.answerPrefix(), answer);
  }

  /** A question with its solution, else its first answer, as an example of what is asked. */
  public String solved(Question question) {
    String answer = question.solution().orElse(question.answers().get(0));
    if (isRunningText(question)) {
      return Joints.join(Joints.join(question.context(), question.prompt()), answer);
    }
    return question.context()
        + question.question()
        + LINE_END
        + Joints.join(question.answerPrefix(), answer);
  }

  private boolean isRunningText(Question question) {
    return (choice.isRunningText() || question.runningText()) && template.isEmpty();
  }

  /** A prompt that says all itself; a chat model's user says it. */
  public PromptTokens request(String prompt) {
    return template.isPresent() ? question(prompt, "", "", "") : text(prompt, "", "");
  }

  /**
   * A question about a context, behind which a line ends.
   *
   * @param context text, not empty
   * @param question text; may be empty
   * @param answerPrefix how the answer begins; may be empty
   * @param answer what is expected behind it; may be empty
   * @throws IllegalArgumentException if a part has no tokens, or the template does not leave the
   *     context as it is
   */
  PromptTokens question(String context, String question, String answerPrefix, String answer) {
    String said = queryAware ? context + question : context;
    Optional<Turn> turn = template.map(chat -> turn(chat, said));
    String behind = turn.map(Turn::behind).orElse(LINE_END);
    String asked = (queryAware ? "" : question) + behind + answerPrefix;
    int[] contextIds =
        turn.map(around -> tokenizer.encodeFragment(around.context()))
            .orElseGet(() -> opened(said));
    int[] askedIds = tokenizer.encodeFragment(asked);
    int[] whole =
        answer.isEmpty() ? askedIds : tokenizer.encodeFragment(Joints.join(asked, answer));
    int own = answer.isEmpty() ? askedIds.length : commonPrefix(askedIds, whole);
    return PromptTokens.cut(
        Ints.concat(contextIds, whole), contextIds.length, contextIds.length + own);
  }

  /**
   * A context that is compressed before anybody knows what will be asked.
   *
   * @param context text, not empty
   * @throws IllegalArgumentException if it has no tokens, or the template does not leave it as it
   *     is
   */
  public OpenContext context(String context) {
    if (choice.isRunningText()) {
      boolean parted = Character.isWhitespace(context.charAt(context.length() - 1));
      return new OpenContext(
          ImmutableIntArray.copyOf(tokenizer.encode(context)), parted ? "" : " ", "");
    }
    Optional<Turn> turn = template.map(chat -> turn(chat, context));
    int[] ids =
        turn.map(around -> tokenizer.encodeFragment(around.context()))
            .orElseGet(() -> opened(context));
    return new OpenContext(
        ImmutableIntArray.copyOf(ids), "", turn.map(Turn::behind).orElse(LINE_END));
  }

  /**
   * Several questions about one context.
   *
   * @param goesOn whether they are one conversation, in which the first right answer to each is
   *     said before the next is asked
   * @throws IllegalArgumentException if a part has no tokens, or the template does not say what was
   *     said before as it was said
   */
  public DialogueTokens dialogue(Dialogue dialogue, boolean goesOn) {
    OpenContext open = context(dialogue.context());
    List<ImmutableIntArray> turns = new ArrayList<>();
    for (int i = 0; i < dialogue.turns().size(); i++) {
      String input = dialogue.turns().get(i).input();
      turns.add(
          i == 0 || !goesOn
              ? ImmutableIntArray.copyOf(
                  OpenContext.asked(tokenizer, input, open.before(), open.after()))
              : ImmutableIntArray.copyOf(
                  tokenizer.encodeFragment(
                      followUp(
                          dialogue.turns().get(i - 1).input(),
                          dialogue.turns().get(i - 1).answers().get(0),
                          input))));
    }
    return new DialogueTokens(open.ids(), turns);
  }

  /** An answer and the next question, as they stand behind the question before. */
  private String followUp(String question, String answer, String next) {
    if (template.isPresent()) {
      return followUp(template.get(), answer, next);
    }
    if (!choice.isRunningText()) {
      return answer + LINE_END + LINE_END + next + LINE_END;
    }
    String said = Joints.delimiter(question, answer) + answer;
    boolean ended = ".?!".indexOf(said.charAt(said.length() - 1)) >= 0;
    return Joints.join(ended ? said : said + ".", next);
  }

  private String followUp(ChatTemplate chat, String answer, String next) {
    ChatFrame frame = new ChatFrame(chat, SWITCHES);
    // What the user has said before is said already; any text stands for it.
    ChatMessage before = ChatMessage.user("#");
    return withoutEnd(
        frame.behind(
            frame.asked(List.of(before)),
            List.of(before, ChatMessage.assistant(answer), ChatMessage.user(next))));
  }

  /** A context with the token that begins texts, once. */
  private int[] opened(String context) {
    if (tokenizer.bosId().isEmpty()) {
      return tokenizer.encodeFragment(context);
    }
    int bos = tokenizer.bosId().getAsInt();
    String spelling = tokenizer.spelling(bos);
    boolean readable = Arrays.equals(tokenizer.encodeFragment(spelling), new int[] {bos});
    if (!readable) {
      return Ints.concat(new int[] {bos}, tokenizer.encodeFragment(context));
    }
    return tokenizer.encodeFragment(context.startsWith(spelling) ? context : spelling + context);
  }

  private Turn turn(ChatTemplate chat, String context) {
    ChatFrame.Sides sides =
        new ChatFrame(chat, SWITCHES).aroundEnd(List.of(ChatMessage.user(context)));
    return new Turn(sides.before(), withoutEnd(sides.behind()));
  }

  /** Some templates end every text with EOS; a prompt is not at its end. */
  private String withoutEnd(String behind) {
    if (tokenizer.eosId().isEmpty()) {
      return behind;
    }
    String end = tokenizer.spelling(tokenizer.eosId().getAsInt());
    return !end.isEmpty() && behind.endsWith(end)
        ? behind.substring(0, behind.length() - end.length())
        : behind;
  }

  /**
   * A running text, as a base model saw texts in training: the parts are encoded as one and the ids
   * are cut where the parts meet; a token that reaches over a border goes to the later part. A
   * space is put between parts where neither side has white space.
   *
   * @param context text, not empty
   * @param question text; if empty, the last token of the context takes its place
   * @param answer text; may be empty
   * @throws IllegalArgumentException if there are fewer than two tokens in front of the answer
   */
  PromptTokens text(String context, String question, String answer) {
    String prompt = Joints.join(context, question);
    int[] promptIds = tokenizer.encode(prompt);
    int[] whole = answer.isEmpty() ? promptIds : tokenizer.encode(Joints.join(prompt, answer));
    int asked = answer.isEmpty() ? whole.length : commonPrefix(promptIds, whole);
    checkArgument(asked >= 2, "a prompt must have at least two tokens, found %s", asked);
    int cut =
        queryAware || question.isEmpty()
            ? asked - 1
            : Math.min(asked - 1, commonPrefix(tokenizer.encode(context), whole));
    return PromptTokens.cut(whole, cut, asked);
  }

  private static int commonPrefix(int[] left, int[] right) {
    int mismatch = Arrays.mismatch(left, right);
    return mismatch < 0 ? left.length : mismatch;
  }
}
