package dev.kvpress.runtime.text.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Parts of conversations are parts of what the template writes for the whole. */
class ChatFrameTest {
  private static final String STRIPPING =
      "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] | trim }}</>\n{% endfor %}"
          + "{% if add_generation_prompt %}<assistant>{% endif %}";
  private static final ChatMessage SYSTEM = new ChatMessage("system", "Be kind.\n");
  private static final ChatMessage ASKS = ChatMessage.user(" Who? ");
  private static final ChatMessage ANSWERS = ChatMessage.assistant("Lily.");

  private static ChatFrame frame(String template) {
    return new ChatFrame(ChatTemplate.of("test", template, Map.of()), Map.of());
  }

  @Test
  void opensUpToTheEndOfTheLastMessage() {
    ChatFrame frame = frame(STRIPPING);
    assertThat(frame.opened(List.of(SYSTEM))).isEqualTo("<system>Be kind.");
    assertThat(frame.opened(List.of(SYSTEM, ASKS))).isEqualTo("<system>Be kind.</>\n<user>Who?");
    ChatFrame keeping = frame(STRIPPING.replace(" | trim", ""));
    assertThat(keeping.opened(List.of(ASKS))).isEqualTo("<user> Who? ");
  }

  @Test
  void whatFollowsIsTheRestOfTheWhole() {
    ChatFrame frame = frame(STRIPPING);
    String opened = frame.opened(List.of(SYSTEM, ASKS));
    assertThat(frame.behind(opened, List.of(SYSTEM, ASKS, ANSWERS)))
        .isEqualTo("</>\n<assistant>Lily.</>\n<assistant>");
    assertThat(frame.behind(opened, List.of(SYSTEM, ChatMessage.user(" Who? \n is she?"))))
        .isEqualTo(" \n is she?</>\n<assistant>");
    assertThat(frame.aroundEnd(List.of(ASKS)))
        .isEqualTo(new ChatFrame.Sides("<user>Who? ", "</>\n<assistant>"));
  }

  @Test
  void findsWhatStandsBehindAnAnswer() {
    ChatFrame frame = frame(STRIPPING);
    for (String answer : List.of("Lily.", " Lily.\n", "", "##", "<assistant>")) {
      assertThat(frame.behindAnswer(List.of(ASKS), answer, List.of(ChatMessage.user("And?"))))
          .as(answer)
          .isEqualTo("</>\n<user>And?</>\n<assistant>");
    }
  }

  @Test
  void refusesTemplatesThatWriteEarlierMessagesOtherwise() {
    String counting = "{{ messages | length }} " + STRIPPING;
    String thoughtless =
        STRIPPING.replace("{{ m['content'] | trim }}", "{{ m['content'].split('</think>')[-1] }}");
    List<ChatMessage> next = List.of(ChatMessage.user("And?"));
    assertThatThrownBy(() -> frame(counting).behindAnswer(List.of(ASKS), "Lily.", next))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("writes an earlier turn otherwise");
    assertThatThrownBy(
            () ->
                frame(counting)
                    .behind(frame(counting).opened(List.of(ASKS)), List.of(ASKS, ANSWERS)))
        .hasMessageContaining("writes an earlier turn otherwise");
    assertThat(frame(thoughtless).behindAnswer(List.of(ASKS), "Lily.", next)).contains("And?");
    assertThatThrownBy(
            () -> frame(thoughtless).behindAnswer(List.of(ASKS), "<think>x</think>Lily.", next))
        .hasMessageContaining("writes an earlier turn otherwise");
  }

  @Test
  void refusesTemplatesThatHideWhatIsSaid() {
    assertThatThrownBy(() -> frame("nothing").opened(List.of(ASKS)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exactly once");
    assertThatThrownBy(() -> frame("{{ messages[0]['content'] | upper }}").opened(List.of(ASKS)))
        .hasMessageContaining("changes what the user says");
  }
}
