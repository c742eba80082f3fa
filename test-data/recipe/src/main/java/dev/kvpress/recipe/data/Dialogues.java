package dev.kvpress.recipe.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Several questions about one context, in the columns of SCBench ({@code context}, {@code
 * multi_turns} of {@code input} and {@code answer}): the question of a retrieval example, then those
 * which its context asks and answers itself, in the order of the text.
 */
final class Dialogues {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 16;
  private static final int TURNS = 4;
  private static final Pattern QUIZ =
      Pattern.compile("(What does (\\w+) \\w+\\? \\2 \\w+ the) (\\w+)\\.");

  private Dialogues() {}

  /** The first examples of one fact whose contexts ask enough. */
  static List<ObjectNode> of(List<ObjectNode> recall) {
    List<ObjectNode> rows = new ArrayList<>();
    for (ObjectNode example : recall) {
      if (rows.size() == ROWS || example.get("task").asText().equals("chain")) {
        continue;
      }
      Map<String, String> asked = new LinkedHashMap<>();
      asked.put(example.get("question").asText(), example.get("answer").asText());
      Matcher quiz = QUIZ.matcher(example.get("context").asText());
      while (quiz.find() && asked.size() < TURNS) {
        asked.putIfAbsent(quiz.group(1), quiz.group(3));
      }
      if (asked.size() == TURNS) {
        ObjectNode row = JSON.createObjectNode();
        row.put("context", example.get("context").asText());
        ArrayNode turns = row.putArray("multi_turns");
        asked.forEach(
            (input, answer) -> turns.addObject().put("input", input).put("answer", answer));
        rows.add(row);
      }
    }
    return rows;
  }
}
