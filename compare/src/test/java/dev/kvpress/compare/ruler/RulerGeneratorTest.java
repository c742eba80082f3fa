package dev.kvpress.compare.ruler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import com.google.common.collect.Multisets;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Joints;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.SampleReader;
import dev.kvpress.compare.shape.catalog.DataSource;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RulerGeneratorTest {
  private static final long SEED = 42;
  private static final int QUESTIONS = 24;
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root"), "test-data");
  private static Tokenizer tokenizer;
  private static RulerText text;
  private static List<Question> questions;
  private static RulerGenerator plain;
  private static RulerGenerator village;

  @BeforeAll
  static void readTheShippedFiles() {
    tokenizer = Tokenizers.find(ROOT.resolve("models/demo")).orElseThrow();
    Path stories = ROOT.resolve("datasets/stories.jsonl");
    text = RulerText.ofDocuments(stories, DataSource.of(stories, "ruler").documents());
    try (SampleReader<Question> reader =
        DataSource.of(ROOT.resolve("datasets/recall.jsonl"), "qa").questions()) {
      questions = reader.atMost(QUESTIONS);
    }
    plain = generator(RulerWording.PLAIN, SEED);
    village = generator(RulerWording.VILLAGE, SEED);
  }

  private static int tokens(String text) {
    return tokenizer.encode(text).length;
  }

  private static RulerGenerator generator(
      RulerWording wording, ToIntFunction<String> tokens, long seed) {
    return new RulerGenerator(text, wording, tokens, seed)
        .questions(RulerTask.QA_1, questions)
        .questions(RulerTask.QA_2, questions);
  }

  /** Counts as if every four characters were a token, which is quick. */
  private static RulerGenerator generator(RulerWording wording, long seed) {
    return generator(wording, text -> (text.length() + 3) / 4, seed);
  }

  static Stream<Arguments> everywhere() {
    return Stream.of(RulerTask.values())
        .flatMap(
            task ->
                Stream.of(
                    Arguments.of(task, task == RulerTask.QA_2 ? 2311 : 701, RulerWording.PLAIN),
                    Arguments.of(task, 2048, RulerWording.VILLAGE)));
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void samplesAreAsLongAsAskedAndNeverLonger(RulerTask task, int length, RulerWording wording) {
    RulerGenerator generator = generator(wording, RulerGeneratorTest::tokens, SEED);
    for (int number = 0; number < 2; number++) {
      Question sample = generator.sample(task, length, number);
      int separate = tokens(sample.context()) + tokens(" " + sample.prompt());
      int joined = tokens(Joints.join(sample.context(), sample.prompt()));
      assertThat(Math.max(separate, joined))
          .as("%s %s", task.id(), number)
          .isBetween(length - 12, length);
    }
  }

  @ParameterizedTest
  @EnumSource(RulerTask.class)
  void theAnswerStandsInTheContext(RulerTask task) {
    for (RulerGenerator generator : List.of(plain, village)) {
      for (int number = 0; number < 5; number++) {
        Question sample = generator.sample(task, 2304, number);
        // Chains of qa_2 are spelt out only in the answer.
        if (task != RulerTask.QA_2) {
          assertThat(task.score(sample.context(), sample.answers())).isEqualTo(1);
        }
        assertThat(task.score("nothing of that", sample.answers())).isZero();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RulerTask.class)
  void aSampleIsAFunctionOfSeedTaskLengthAndNumber(RulerTask task) {
    Question sample = plain.sample(task, 2304, 3);
    // A generator that made others before makes the same one.
    RulerGenerator used = generator(RulerWording.PLAIN, SEED);
    used.sample(task, 2200, 1);
    assertThat(used.sample(task, 2304, 3)).isEqualTo(sample);
    assertThat(plain.sample(task, 2304, 4).context()).isNotEqualTo(sample.context());
    assertThat(generator(RulerWording.PLAIN, SEED + 1).sample(task, 2304, 3).context())
        .isNotEqualTo(sample.context());
  }

  @Test
  void anotherLengthHidesTheSameThings() {
    Question shorter = plain.sample(RulerTask.NIAH_MULTIQUERY, 900, 1);
    Question longer = plain.sample(RulerTask.NIAH_MULTIQUERY, 1900, 1);
    assertThat(longer.answers()).isEqualTo(shorter.answers());
    assertThat(longer.question()).isEqualTo(shorter.question());
  }

  @Test
  void needlesAreHiddenAsOftenAsTheTaskSays() {
    Question single = plain.sample(RulerTask.NIAH_SINGLE_2, 1024, 0);
    assertThat(facts(single)).isEqualTo(1);
    assertThat(single.answers()).hasSize(1).allMatch(a -> a.matches("\\d{7}"));
    assertThat(single.depth().orElseThrow()).isBetween(0.0, 100.0);
    Question identifier = plain.sample(RulerTask.NIAH_SINGLE_3, 1024, 0);
    assertThat(identifier.answers().get(0)).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    Question keys = plain.sample(RulerTask.NIAH_MULTIKEY_1, 1024, 0);
    assertThat(facts(keys)).isEqualTo(4);
    assertThat(keys.answers()).hasSize(1);
    assertThat(keys.depth()).isEmpty();
    Question values = plain.sample(RulerTask.NIAH_MULTIVALUE, 1024, 0);
    assertThat(facts(values)).isEqualTo(4);
    assertThat(values.answers()).hasSize(4).doesNotHaveDuplicates();
    Question queries = plain.sample(RulerTask.NIAH_MULTIQUERY, 1024, 0);
    assertThat(facts(queries)).isEqualTo(4);
    assertThat(queries.answers()).hasSize(4).doesNotHaveDuplicates();
    assertThat(facts(plain.sample(RulerTask.NIAH_MULTIKEY_2, 1024, 0))).isGreaterThan(25);
  }

  private static int facts(Question sample) {
    return Splitter.on("The code of ").splitToList(sample.context()).size() - 1;
  }

  @Test
  void theAskedKeyIsAskedInTheQuestion() {
    Question sample = plain.sample(RulerTask.NIAH_MULTIKEY_3, 2048, 0);
    String fact = sample.answerPrefix() + " " + sample.answers().get(0) + ".";
    assertThat(sample.context()).containsOnlyOnce(fact);
  }

  @Test
  void aChainIsHandedOnFourTimesInOrder() {
    Question sample = plain.sample(RulerTask.VT, 1024, 2);
    assertThat(sample.answers()).hasSize(5).doesNotHaveDuplicates();
    int at = 0;
    for (String name : sample.answers()) {
      int next = sample.context().indexOf("Set " + name + " to ");
      assertThat(next).isGreaterThanOrEqualTo(at);
      at = next;
    }
    for (int link = 1; link < 5; link++) {
      assertThat(sample.context())
          .contains("Set " + sample.answers().get(link) + " to " + sample.answers().get(link - 1));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = RulerTask.class,
      names = {"CWE", "FWE"})
  void theAskedWordsAreTheMostFrequent(RulerTask task) {
    RulerGenerator generator = plain;
    for (int length : new int[] {700, 2304}) {
      for (int number = 0; number < 5; number++) {
        Question sample = generator.sample(task, length, number);
        Multiset<String> words =
            HashMultiset.create(
                Splitter.on(' ').splitToList(sample.context()).stream()
                    .filter(word -> CharMatcher.is('-').matchesAnyOf(word))
                    .toList());
        List<String> ranked = Multisets.copyHighestCountFirst(words).elementSet().stream().toList();
        int asked = sample.answers().size();
        assertThat(asked).isEqualTo(task == RulerTask.CWE ? 10 : 3);
        assertThat(ranked.subList(0, asked)).containsExactlyInAnyOrderElementsOf(sample.answers());
        assertThat(words.count(ranked.get(asked - 1)))
            .isGreaterThan(words.count(ranked.get(asked)));
      }
    }
  }

  @Test
  void passagesOfOtherContextsSayNothingAboutTheAskedName() {
    RulerGenerator generator = plain;
    for (int number = 0; number < 20; number++) {
      Question sample = generator.sample(RulerTask.QA_1, 1500, number);
      // "What does Jonas fear? …" and "Whom does Jonas follow in the end? …".
      String name = Splitter.on(' ').splitToList(sample.question()).get(2);
      List<String> with =
          Splitter.on("Passage ")
              .splitToStream(sample.context())
              .skip(1)
              .filter(passage -> passage.contains(name))
              .toList();
      assertThat(with).as("%s in sample %s", name, number).hasSize(1);
      assertThat(with.get(0)).contains(sample.answers().get(0));
    }
  }

  @Test
  void saysWhichLengthATaskNeeds() {
    assertThatThrownBy(() -> plain.sample(RulerTask.VT, 40, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("vt needs at least")
        .hasMessageContaining("found a length of 40");
    assertThatThrownBy(() -> plain.sample(RulerTask.QA_2, 300, 0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none of the 24 questions fits into 300 tokens");
  }

  @Test
  void questionTasksNeedQuestions() {
    RulerGenerator without =
        new RulerGenerator(text, RulerWording.PLAIN, RulerGeneratorTest::tokens, SEED);
    assertThat(without.offers(RulerTask.QA_1)).isFalse();
    assertThat(without.offers(RulerTask.VT)).isTrue();
    assertThatThrownBy(() -> without.sample(RulerTask.QA_1, 1024, 0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("give a file of questions");
  }
}
