package dev.kvpress.compare.prompt;

import com.google.common.base.Suppliers;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.runtime.text.ChatTemplates;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which chat template the prompts of a run are written in: the model's own, none, one of several by
 * its name, or one from a file; or whether they are running texts. It is read when a task first
 * asks for it.
 */
public final class TemplateChoice {
  /** The model's own, if it has one. */
  public static final String AUTO = "auto";

  /** Prompts as for a base model. */
  public static final String NO = "none";

  /** All parts of a prompt as one running text. */
  public static final String TEXT = "text";

  /** No template whatever the model has. */
  public static final TemplateChoice NONE = new TemplateChoice(Optional::empty, false);

  /** No template, and not even a line end: what a model saw that was trained on texts alone. */
  public static final TemplateChoice RUNNING_TEXT = new TemplateChoice(Optional::empty, true);

  private final boolean runningText;
  private final Supplier<Optional<ChatTemplate>> template;

  private TemplateChoice(Supplier<Optional<ChatTemplate>> template, boolean runningText) {
    this.runningText = runningText;
    this.template = Suppliers.memoize(template::get);
  }

  /**
   * A choice.
   *
   * @param model the model's folder or file
   * @param wanted {@link #AUTO}, {@link #NO}, {@link #TEXT}, the name of one of the model's
   *     templates, or a file
   */
  public static TemplateChoice of(Path model, String wanted) {
    return switch (wanted) {
      case NO -> NONE;
      case TEXT -> RUNNING_TEXT;
      case AUTO -> new TemplateChoice(() -> ChatTemplates.beside(model).usual(), false);
      default -> new TemplateChoice(() -> Optional.of(named(model, wanted)), false);
    };
  }

  private static ChatTemplate named(Path model, String wanted) {
    ChatTemplates templates = ChatTemplates.beside(model);
    Optional<ChatTemplate> named = templates.named(wanted);
    if (named.isPresent()) {
      return named.get();
    }
    Path file = Path.of(wanted);
    if (!Files.isRegularFile(file)) {
      throw new DataException(
          "--chat-template: expected auto, none, text, a file%s, found \"%s\""
              .formatted(
                  templates.names().isEmpty()
                      ? " (the model has no templates)"
                      : " or one of the model's templates " + templates.names(),
                  wanted));
    }
    return templates.ofFile(file);
  }

  /**
   * The template; empty where prompts are to be written without.
   *
   * @throws dev.kvpress.runtime.ModelException if it is broken or not supported
   * @throws DataException if there is none of the name
   */
  public Optional<ChatTemplate> template() {
    return template.get();
  }

  /** Whether the parts of a prompt are one running text. */
  public boolean isRunningText() {
    return runningText;
  }
}
