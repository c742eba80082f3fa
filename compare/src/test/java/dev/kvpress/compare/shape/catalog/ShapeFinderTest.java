package dev.kvpress.compare.shape.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.SampleReader;
import dev.kvpress.compare.task.Task;
import dev.kvpress.compare.task.Tasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeFinderTest {
  private final ShapeFinder finder = new ShapeFinder();

  @TempDir Path folder;

  private Path file(String content) throws Exception {
    return Files.writeString(folder.resolve("data.jsonl"), content);
  }

  private String found(Path file) {
    return finder.find(List.of(file), Renaming.NONE).shape().card().name();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"text\": \"t\"} | text",
        "{\"text\": \"t\", \"label\": 1} | text",
        "{\"title\": \"a\", \"content\": \"c\", \"url\": \"u\"} | text",
        "{\"story\": \"a\", \"n\": 3} | text",
        "{\"text\": \"t\", \"content\": \"t\"} | text",
        "{\"token_ids\": [1, 2]} | token-ids",
        "{\"id\": \"x\", \"report\": \"r\", \"summary\": \"s\"} | govreport",
        "{\"context\": \"c\", \"question\": \"q\", \"answer\": \"a\"} | short-answers",
        "{\"context\": \"c\", \"question\": \"q\", \"answers\": [\"a\"]} | questions",
        "{\"context\": \"c\", \"input\": \"\", \"answers\": [\"a\"]} | questions",
        "{\"context\": \"c\", \"question\": \"q\", \"answer_prefix\": \"p\", \"answer\": [\"a\"], \"task\": \"vt\", \"max_new_tokens\": 30} | kvpress",
        "{\"input\": \"i\", \"context\": \"c\", \"answers\": [\"x\"], \"length\": 12, \"dataset\": \"trec\", \"language\": \"en\", \"all_classes\": null, \"_id\": \"a\"} | longbench",
        "{\"index\": 0, \"input\": \"i\", \"outputs\": [\"1\"], \"length\": 12} | ruler-jsonl",
        "{\"id\": 0, \"context\": \"c\", \"input\": \"i\", \"answer\": [\"ok\"], \"options\": []} | infinitebench",
        "{\"context\": \"c n\", \"question\": \"q\", \"needle\": \"n\", \"depth_percent\": 50} | needle",
        "{\"id\": \"i\", \"title\": \"t\", \"context\": \"c\", \"question\": \"q\", \"answers\": {\"text\": [\"a\"], \"answer_start\": [0]}} | squad",
        "{\"question\": \"q\", \"answer\": \"so\\n#### 3\"} | gsm8k",
        "{\"problem\": \"p\", \"solution\": \"s\", \"answer\": \"\\\\frac{1}{2}\", \"subject\": \"a\", \"level\": 2, \"unique_id\": \"u\"} | math-500",
        "{\"article\": \"a\", \"summary_gt\": \"s\", \"temperature\": 0.3, \"stop\": [\"###\"]} | summaries",
        "{\"document\": \"d\", \"summary\": \"s\", \"id\": \"1\"} | xsum",
        "{\"article\": \"a\", \"highlights\": \"s\", \"id\": \"1\"} | cnn-dailymail",
        "{\"request\": {\"prompt\": \"p\", \"max_tokens\": 64}, \"instance\": {\"references\": []}} | helm",
        "{\"context\": \"c\", \"question\": \"q\", \"choices\": [\"a\"], \"answer\": 0} | choices",
        "{\"premise\": \"p\", \"choice1\": \"a\", \"choice2\": \"b\", \"question\": \"cause\", \"idx\": 0, \"label\": 0} | copa",
        "{\"question\": \"q\", \"subject\": \"s\", \"choices\": [\"a\", \"b\", \"c\", \"d\"], \"answer\": 1} | mmlu",
        "{\"question\": \"q\", \"passage\": \"p\", \"answer\": true} | boolq",
        "{\"question\": \"q\", \"passage\": \"p\", \"idx\": 3, \"label\": 1} | boolq",
        "{\"content\": \"def f(): pass\", \"path\": \"a.py\", \"repo_name\": \"r\", \"license\": \"mit\"} | text",
        "{\"goal\": \"g\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 0} | piqa",
        "{\"premise\": \"p\", \"hypothesis\": \"h\", \"label\": \"entailment\"} | rte",
        "{\"doc_id\": 1, \"doc\": {}, \"target\": \"0\", \"arguments\": [[\"c\", \" a\"]], \"resps\": [], \"filtered_resps\": [], \"acc\": 1} | lm-eval-samples",
        "{\"doc_id\": 0, \"context\": \"c\", \"continuation\": \"a\", \"gold\": true} | lm-eval-requests",
        "{\"best_of\": 1, \"echo\": true, \"logprobs\": 1, \"prompt\": \"p\", \"stop\": null} | h2o-prompts",
      })
  void aFileIsWhatItsColumnsSay(String row, String shape) throws Exception {
    assertThat(found(file("\n" + row + "\n"))).isEqualTo(shape);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"question\": \"q\", \"answer\": \"a\"} | question (text), answer (text) | gsm8k (its answers do not end with ####",
        "{\"question\": \"q\"} | question (text) | misses",
        "{\"problem\": \"p\", \"answer\": \"70\", \"id\": \"0\"} | problem (text), answer (text) | say aime=FILE",
        "{\"text\": \"t\", \"label\": \"x\"} | label (text) | text (does not know label)",
        "{\"text\": \"t\", \"content\": \"c\"} | content (text) | has both text and content",
        "{\"text\": 3} | text (number) | wants a text in text",
        "{\"id\": \"x\", \"body\": \"b\", \"head\": \"h\"} | body (text), head (text) | choose with --data-path TASK=FILE",
        "{\"context\": \"c\", \"question\": \"q\", \"answer\": 1} | answer (number) | finds only numbers in answer, which may be classes; say TASK=FILE",
        "{\"question\": \"q\", \"topic\": \"s\", \"choices\": [\"a\", \"b\"], \"answer\": 1} | topic (text) | choices (does not know topic)",
        "{\"premise\": \"p\", \"hypothesis\": \"h\", \"label\": 2} | label (number) | rte (other benchmarks have its columns too",
        "{\"sentence1\": \"p\", \"sentence2\": \"h\", \"label\": 1, \"idx\": 3} | sentence2 (text) | rte=FILE",
        "{\"index\": 0, \"input\": \"i\", \"outputs\": [\"1\", \"2\"], \"length\": 12} | outputs (list) | which of RULER's tasks",
        "{\"id\": 0, \"context\": \"c\", \"input\": \"i\", \"answer\": [\"ok\"], \"options\": [\"ok\", \"no\"]} | options (list) | infinitebench (its rows have options",
        "{\"question\": \"q\", \"passage\": \"p\", \"answer\": \"Rome\"} | passage (text) | its answers are not true, false, 1 or 0",
        "{\"a\": null} | a (empty) | --columns",
        "{} | no column | compare list datasets",
      })
  void whatIsNoShapeIsRefusedWithItsColumnsAndTheWayOut(String row, String columns, String why)
      throws Exception {
    Path file = file(row);
    assertThatThrownBy(() -> found(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.jsonl: fits no data shape")
        .hasMessageContaining(columns)
        .hasMessageContaining(why)
        .hasMessageContaining("--text-column")
        .hasMessageNotContaining("\n");
  }

  @Test
  void whoNamesTheTaskMayHaveColumnsBeside() throws Exception {
    Path file =
        file("{\"question\": \"q\", \"topic\": \"s\", \"choices\": [\"a\", \"b\"], \"answer\": 1}");
    DataSource source = DataSource.of(file, "multiple_choice");
    assertThat(source.shape().card().name()).isEqualTo("choices");
    assertThat(source.notices()).singleElement().asString().contains("does not use", "topic");
    assertThatThrownBy(() -> DataSource.of(file, "summarization"))
        .hasMessageContaining("fits no data shape for task summarization")
        .hasMessageContaining("summaries (misses article or prompt");
  }

  @Test
  void columnsAreReadUnderOtherNames() throws Exception {
    Path file =
        file("{\"passage\": \"c\", \"input\": \"q\", \"outputs\": [\"a\"], \"note\": \"n\"}");
    Renaming names =
        new Renaming(Map.of("context", "passage", "question", "input", "answer", "outputs"));
    DataSource source = finder.find(List.of(file), names);
    assertThat(source.shape().card().name()).isEqualTo("questions");
    assertThat(source.questions().next().orElseThrow())
        .satisfies(
            question -> {
              assertThat(question.context()).isEqualTo("c");
              assertThat(question.question()).isEqualTo("q");
              assertThat(question.answers()).containsExactly("a");
            });
    assertThatThrownBy(() -> finder.find(List.of(file), new Renaming(Map.of("text", "body"))))
        .hasMessageContaining("the file has no column body");
    DataSource text = finder.find(List.of(file), new Renaming(Map.of("text", "note")));
    assertThat(text.shape().card().name()).isEqualTo("text");
    assertThatThrownBy(() -> finder.find(List.of(file), new Renaming(Map.of("txet", "note"))))
        .hasMessageContaining("fits no data shape");
  }

  @Test
  void aShapeThatIsNamedAnswersItsObjectionButNotItsMissingColumns() throws Exception {
    Path file = file("{\"sentence1\": \"p\", \"sentence2\": \"h\", \"label\": 1}");
    assertThat(
            finder
                .as(List.of(file), Renaming.NONE, Shapes.find("rte").orElseThrow())
                .choices()
                .next()
                .orElseThrow()
                .answer())
        .hasValue(1);
    assertThatThrownBy(
            () -> finder.as(List.of(file), Renaming.NONE, Shapes.find("piqa").orElseThrow()))
        .hasMessageContaining("is not of shape piqa")
        .hasMessageContaining("misses goal");
  }

  @Test
  void rulersTaskStandsInItsPath() throws Exception {
    Path folders = Files.createDirectories(folder.resolve("pred/vt"));
    Path file =
        Files.writeString(
            folders.resolve("validation.jsonl"),
            "{\"index\": 0, \"input\": \"i\", \"outputs\": [\"1\", \"2\"], \"length\": 12}");
    DataSource source = finder.find(List.of(file), Renaming.NONE);
    assertThat(source.questions().next().orElseThrow().task()).hasValue("vt");
    Path untold = file("{\"input\": \"i\", \"outputs\": [\"1\", \"2\"], \"length\": 12}");
    DataSource named =
        finder.as(List.of(untold), Renaming.NONE, Shapes.find("ruler-jsonl").orElseThrow());
    assertThatThrownBy(() -> named.questions().next())
        .hasMessageContaining("data.jsonl:1: outputs: found 2 of them and no task");
  }

  @Test
  void depthsAreNoFractions() throws Exception {
    String row =
        "{\"context\": \"a needle\", \"question\": \"q\", \"needle\": \"needle\", \"depth\": %s}";
    assertThatThrownBy(() -> found(row, "0.25"))
        .hasMessageContaining(
            "data.jsonl:1: depth: expected percent from 0 to 100, found the fraction 0.25");
    assertThat(found(row, "12.5").depth()).hasValue(12.5);
    assertThat(found(row, "0").depth()).hasValue(0);
    assertThat(found(row, "1").depth()).hasValue(1);
  }

  private Question found(String row, String depth) throws Exception {
    return finder
        .find(List.of(file(row.formatted(depth))), Renaming.NONE)
        .questions()
        .next()
        .orElseThrow();
  }

  @Test
  void aimeIsKnownByItsPath() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("aime25.jsonl"), "{\"problem\": \"p\", \"answer\": 70, \"id\": \"0\"}");
    DataSource source = finder.find(List.of(file), Renaming.NONE);
    assertThat(source.questions().next().orElseThrow())
        .satisfies(
            question -> {
              assertThat(question.context()).isEqualTo("Question: p\nAnswer:");
              assertThat(question.answers()).containsExactly("70");
              assertThat(question.task()).hasValue("aime");
            });
  }

  @Test
  void csvHasTypesByItsShape() throws Exception {
    Path csv =
        Files.writeString(
            folder.resolve("a.csv"),
            "context,question,choices,answer\nc,q,\"[\"\"red\"\", \"\"blue\"\"]\",1\n");
    DataSource source = finder.find(List.of(csv), Renaming.NONE);
    assertThat(source.shape().card().name()).isEqualTo("choices");
    assertThat(source.choices().next().orElseThrow().answer()).hasValue(1);
    Path numbers =
        Files.writeString(folder.resolve("b.csv"), "context,question,answer\nc,q,1\nd,r,0\n");
    assertThatThrownBy(() -> found(numbers))
        .hasMessageContaining("finds only numbers in answer, which may be classes");
    assertThat(DataSource.of(numbers, "qa").questions().next().orElseThrow().answers())
        .containsExactly("1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "['a flute', \"Ida's\"] | questions",
        "['a flute' \"Ida's\"] | questions",
        "[\"a flute\", \"Ida's\"] | questions",
        "{'text': array(['a flute', \"Ida's\"], dtype=object), 'answer_start': array([1, 2])} | squad",
        "{'text': ['a flute', 'Ida\\'s'], 'answer_start': [1, 2]} | squad",
      })
  void listsThatPandasPrintedIntoCsvAreLists(String cell, String shape) throws Exception {
    Path csv = csv("context,question,answers", cell);
    DataSource source = finder.find(List.of(csv), Renaming.NONE);
    assertThat(source.shape().card().name()).isEqualTo(shape);
    assertThat(source.questions().next().orElseThrow().answers())
        .containsExactly("a flute", "Ida's");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "['a' 'b' ... 'y' 'z'] | printed list",
        "{'text': array(['a', ..., 'z'], dtype=object)} | printed object",
        "['a', None] | printed list",
      })
  void listsThatWereShortenedAreNoAnswer(String cell, String kind) throws Exception {
    Path csv = csv("context,question,answers", cell);
    assertThatThrownBy(() -> found(csv))
        .hasMessageContaining("fits no data shape")
        .hasMessageContaining("answers (" + kind + ")");
    Path prefixed = csv("context,question,answer_prefix,answer", "p", cell);
    assertThatThrownBy(() -> found(prefixed)).hasMessageContaining("fits no data shape");
  }

  @Test
  void aCellThatOnlyBeginsLikeAListIsAText() throws Exception {
    Path csv = csv("context,question,answer_prefix,answer", "p", "[1] Smith and others");
    assertThat(finder.find(List.of(csv), Renaming.NONE).questions().next().orElseThrow().answers())
        .containsExactly("[1] Smith and others");
  }

  private Path csv(String header, String... cells) throws Exception {
    List<String> values = new ArrayList<>(List.of("c", "q"));
    values.addAll(List.of(cells));
    String row =
        values.stream()
            .map(cell -> "\"" + cell.replace("\"", "\"\"") + "\"")
            .collect(Collectors.joining(","));
    return Files.writeString(folder.resolve("printed.csv"), header + "\n" + row + "\n");
  }

  @Test
  void theFirstLineOfACsvWithoutAHeaderIsNoColumn() throws Exception {
    Path csv =
        Files.writeString(
            folder.resolve("lines.csv"), "Ida had a flute.\nShe played it all day.\n");
    assertThatThrownBy(() -> found(csv)).hasMessageContaining("Ida had a flute. (text)");
    Path named = Files.writeString(folder.resolve("named.csv"), "full story\nIda had a flute.\n");
    assertThat(found(named)).isEqualTo("text");
  }

  @Test
  void aLateRowDoesNotBringWhatWouldHaveDecidedOtherwise() throws Exception {
    String first = "{\"prompt\": \"some text\"}\n".repeat(1000);
    Path file = file(first + "{\"prompt\": \"more\", \"completion\": \"text\", \"n\": 3}\n");
    assertThatThrownBy(() -> finder.find(List.of(file), Renaming.NONE).documents().atMost(2000))
        .hasMessageContaining("data.jsonl:1001: has the column completion, which none of the first")
        .hasMessageContaining("TASK=FILE");
    assertThat(DataSource.of(file, "perplexity").documents().atMost(2000)).hasSize(1001);
    Path alias = file(first + "{\"prompt\": \"more\", \"text\": \"less\"}\n");
    assertThatThrownBy(() -> DataSource.of(alias, "perplexity").documents().atMost(2000))
        .hasMessageContaining("data.jsonl:1001: has both text and prompt");
    Path known = file(first + "{\"prompt\": \"more\", \"url\": \"u\", \"context_tokens\": 7}\n");
    assertThat(
            finder
                .find(List.of(known), Renaming.NONE)
                .documents()
                .atMost(2000)
                .get(1000)
                .contextTokens())
        .hasValue(7);
  }

  @Test
  void aRowThatAnObjectionCannotReadDoesNotHideTheOtherShapes() throws Exception {
    Path mixed =
        file("{\"text\": \"t\"}\n{\"context\": \"c\", \"question\": \"q\", \"answer\": \"a\"}\n");
    assertThatThrownBy(() -> found(mixed))
        .hasMessageContaining("fits no data shape: its columns are text (text), context (text)");
  }

  @Test
  void aCellThatOnlyBeginsAsAListIsAText() throws Exception {
    Path csv =
        Files.writeString(
            folder.resolve("a.csv"),
            "context,question,answer_prefix,answer\nc,q,p,[3] is right\nc,q,p,\"[\"\"a\"\", \"\"b\"\"]\"\n");
    try (SampleReader<Question> reader = finder.find(List.of(csv), Renaming.NONE).questions()) {
      assertThat(reader.atMost(9))
          .extracting(Question::answers)
          .containsExactly(List.of("[3] is right"), List.of("a", "b"));
    }
  }

  @Test
  void rowsThatCannotBeAskedAreCountedAndOthersNamed() throws Exception {
    String row =
        "{\"context\": \"c\", \"question\": \"q\", \"answers\": {\"text\": [%s], \"answer_start\": []}}\n";
    Path file = file(row.formatted("\"a\"") + row.formatted("") + row.formatted("\"b\", \"b\""));
    var reader = finder.find(List.of(file), Renaming.NONE).questions();
    assertThat(reader.atMost(9))
        .extracting(q -> q.answers())
        .containsExactly(List.of("a"), List.of("b"));
    assertThat(reader.notices()).singleElement().asString().contains("skipped 1 of 3 rows", ":2)");
    Path wrong = file("{\"text\": \"a\"}\n\n{\"text\": \"b\"}\n{\"text\": 5}\n");
    assertThatThrownBy(() -> finder.find(List.of(wrong), Renaming.NONE).documents().atMost(9))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.jsonl:4: text: expected a string, found 5");
  }

  @Test
  void knowsTheShippedFiles() {
    Path root = Path.of(System.getProperty("kvpress.root"), "test-data", "datasets");
    assertThat(found(root.resolve("stories.jsonl"))).isEqualTo("text");
    assertThat(found(root.resolve("recall.jsonl"))).isEqualTo("short-answers");
    assertThat(found(root.resolve("questions.jsonl"))).isEqualTo("choices");
    assertThat(found(root.resolve("summaries.jsonl"))).isEqualTo("summaries");
  }

  @Test
  void namesOfShapesAreUniqueAndNoTasks() {
    List<String> names = Shapes.all().stream().map(shape -> shape.card().name()).toList();
    assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z0-9-]+"));
    assertThat(names).doesNotContainAnyElementsOf(Tasks.all().stream().map(Task::name).toList());
  }

  /** What stands behind the rows that decide the shape is neither dropped nor taken for another. */
  @Test
  void furtherFilesMayCallAColumnByAnotherOfItsNames() throws Exception {
    String row = "{\"context\": \"c\", %s, \"answers\": [\"a\"]}\n";
    Path first =
        Files.writeString(folder.resolve("a.jsonl"), row.formatted("\"question\": \"one\""));
    Path second = Files.writeString(folder.resolve("b.jsonl"), row.formatted("\"input\": \"two\""));
    Path third =
        Files.writeString(
            folder.resolve("c.jsonl"), row.formatted("\"question\": \"x\", \"input\": \"y\""));
    try (SampleReader<Question> reader =
        finder.find(List.of(first, second), Renaming.NONE).questions()) {
      assertThat(reader.atMost(9)).extracting(Question::question).containsExactly("one", "two");
    }
    try (SampleReader<Question> reader =
        finder.find(List.of(first, third), Renaming.NONE).questions()) {
      assertThatThrownBy(() -> reader.atMost(9))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("c.jsonl:1: has both question and input");
    }
  }
}
