package dev.kvpress.compare.run;

import dev.kvpress.compare.task.Task;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.text.ChatTemplates;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Says of a chat template which prompts are written in it, and which are not though there is one.
 */
final class TemplateRemarks {
  private TemplateRemarks() {}

  static List<Remark> of(Path model, Optional<ChatTemplate> chosen, List<Task> tasks) {
    List<Remark> remarks = new ArrayList<>();
    String users = names(tasks, true);
    String others = names(tasks, false);
    if (chosen.isPresent()) {
      String template = chosen.get().describe();
      if (!users.isEmpty()) {
        remarks.add(
            Remark.aside(
                "prompts of %s are written in the chat template %s".formatted(users, template)));
      }
      if (!others.isEmpty()) {
        remarks.add(
            Remark.aside(
                "the chat template %s is not applied to %s: texts are read as they stand"
                    .formatted(template, others)));
      }
    } else if (!ChatTemplates.beside(model).names().isEmpty()) {
      String line = "the model has a chat template, which is not applied (--chat-template none)";
      // Where no prompt would be written in it, no figure can tell.
      remarks.add(users.isEmpty() ? Remark.aside(line) : Remark.onFigures(line));
    }
    return remarks;
  }

  private static String names(List<Task> tasks, boolean users) {
    return tasks.stream()
        .distinct()
        .filter(task -> task.usesChatTemplate() == users)
        .map(Task::name)
        .collect(Collectors.joining(", "));
  }
}
