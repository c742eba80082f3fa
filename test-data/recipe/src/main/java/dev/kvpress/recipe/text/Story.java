package dev.kvpress.recipe.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** An endless story about one cast; whoever reads it stops when there is enough. */
final class Story {
  private final Lexicon words;
  private final Sentences sentences;
  private final Random random;
  private final Cast cast;
  private final List<String> pending = new ArrayList<>();
  private int introduced;
  private int hidden = -1;

  Story(Lexicon words, Sentences sentences, Set<String> takenNames, Random random) {
    this.words = words;
    this.sentences = sentences;
    this.random = random;
    this.cast = new Cast(words, 3 + random.nextInt(3), takenNames, random);
  }

  Cast cast() {
    return cast;
  }

  /** The next sentence. */
  String next() {
    if (pending.isEmpty()) {
      scene();
    }
    return pending.remove(0);
  }

  /** Whether the next sentence opens a scene. */
  boolean betweenScenes() {
    return pending.isEmpty();
  }

  /** What became of everyone who was introduced, two people a sentence. */
  String ending() {
    StringBuilder text = new StringBuilder();
    for (int a = 0; a + 1 < introduced; a += 2) {
      text.append(text.isEmpty() ? "" : " ")
          .append(
              "So %s remained the %s of %s, and %s remained the %s of %s."
                  .formatted(
                      cast.value(a, ""),
                      cast.value(a, ".job"),
                      cast.value(a, ".home"),
                      cast.value(a + 1, ""),
                      cast.value(a + 1, ".job"),
                      cast.value(a + 1, ".home")));
    }
    return text.toString();
  }

  private void scene() {
    int a = random.nextInt(cast.size());
    int b = (a + 1 + random.nextInt(cast.size() - 1)) % cast.size();
    int c = 0;
    while (c == a || c == b) {
      c++;
    }
    String place = words.pick("place.common", random);
    Map<String, String> slots = cast.slots(a, b, c, place);
    while (introduced < cast.size() && introduced <= Math.max(a, Math.max(b, c))) {
      pending.add(sentences.of("introduce", cast.slots(introduced, b, c, place), random));
      introduced++;
    }
    pending.add(sentences.of("open", slots, random));
    int middle = 3 + random.nextInt(6);
    for (int i = 0; i < middle; i++) {
      pending.add(sentences.of(random.nextInt(4) == 0 ? "meet" : "middle", slots, random));
    }
    if (hidden < 0 && random.nextBoolean()) {
      pending.add(sentences.of("hide", slots, random));
      hidden = a;
    } else if (hidden >= 0 && hidden != b && random.nextBoolean()) {
      pending.add(sentences.of("find", cast.slots(hidden, b, hidden == c ? a : c, place), random));
      hidden = -1;
    }
    pending.add(sentences.of("close", slots, random));
  }
}
