package dev.kvpress.recipe.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.recipe.text.Document.Kind;
import dev.kvpress.recipe.text.Document.Role;
import dev.kvpress.recipe.text.Document.Span;
import dev.kvpress.recipe.text.Texts.Split;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TextsTest {
  private final Texts texts = new Texts();

  @Test
  void aDocumentIsAFunctionOfItsNumber() {
    for (Kind kind : Kind.values()) {
      Document first = texts.document(Split.TRAIN, kind, 17, 200);
      assertThat(new Texts().document(Split.TRAIN, kind, 17, 200)).isEqualTo(first);
      assertThat(texts.document(Split.TRAIN, kind, 18, 200)).isNotEqualTo(first);
    }
  }

  @Test
  void splitsShareNoDocument() {
    Set<String> seen = new HashSet<>();
    int written = 0;
    for (Split split : Split.values()) {
      for (Kind kind : Kind.values()) {
        for (int number = 0; number < 150; number++) {
          seen.add(texts.document(split, kind, number, 60).text());
          written++;
        }
      }
    }
    assertThat(seen).hasSize(written);
  }

  @Test
  void speaksMoreThanFifteenHundredWords() {
    Set<String> words = new TreeSet<>();
    for (int number = 0; number < 400; number++) {
      for (Kind kind : Kind.values()) {
        String text = texts.document(Split.TRAIN, kind, number, 300).text();
        for (String word : text.toLowerCase(Locale.ROOT).split("[^a-z]+")) {
          words.add(word);
        }
      }
    }
    assertThat(words).hasSizeGreaterThan(1500);
  }

  @Test
  void whatIsAskedWasStatedBefore() {
    for (int number = 0; number < 50; number++) {
      Document document = texts.document(Split.VALIDATION, Kind.RECALL, number, 300);
      Set<String> stated = new HashSet<>();
      for (Span span : document.spans()) {
        if (span.role() == Role.FACT) {
          stated.add(span.fact() + span.text());
        } else if (span.role() == Role.ANSWER) {
          assertThat(stated).contains(span.fact() + span.text());
        }
      }
    }
  }

  @Test
  void noSlotIsLeftOpen() {
    for (Kind kind : Kind.values()) {
      for (int number = 0; number < 100; number++) {
        assertThat(texts.document(Split.TEST, kind, number, 300).text())
            .doesNotContain("{", "}", "|", "(", ")");
      }
    }
  }

  @Test
  void aSummaryNamesPeopleOfItsArticle() {
    Texts.Summary summary = texts.summary(Split.TEST, 3, 300);
    String name = summary.summary().split(" ")[1];
    assertThat(summary.article()).contains(name);
    assertThat(summary.summary()).startsWith("So ").endsWith(".");
  }
}
