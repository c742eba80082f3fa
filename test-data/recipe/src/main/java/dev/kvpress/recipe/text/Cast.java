package dev.kvpress.recipe.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The people of one story and what the story fixed for each: long-range references live here. */
final class Cast {
  private static final Set<String> SHE =
      Set.of("Ester", "Ines", "Lotte", "Nele", "Signe", "Juno", "Jorun");

  private final List<Map<String, String>> people = new ArrayList<>();

  Cast(Lexicon words, int size, Set<String> taken, Random random) {
    List<String> names = new ArrayList<>(words.all("name"));
    names.removeAll(taken);
    Collections.shuffle(names, random);
    for (int i = 0; i < size; i++) {
      Map<String, String> person = new HashMap<>();
      person.put("", names.get(i));
      person.put(".job", words.pick("job", random));
      person.put(".home", words.pick("place", random));
      person.put(".place", words.pick("place.common", random));
      String quality = words.pick(random.nextBoolean() ? "color" : "material", random);
      person.put(".thing", quality + " " + words.pick("thing", random));
      person.put(".pet", words.pick("animal", random));
      person.put(".fear", words.pick("animal", random));
      person.put(".food", words.pick("food", random));
      person.put(".trait", words.pick("trait", random));
      people.add(person);
    }
  }

  int size() {
    return people.size();
  }

  String value(int person, String attribute) {
    String value = people.get(person).get(attribute);
    if (value == null) {
      throw new IllegalArgumentException("no attribute " + attribute);
    }
    return value;
  }

  /** Slots of a scene: three different members as A, B, C, and the place P. */
  Map<String, String> slots(int a, int b, int c, String place) {
    Map<String, String> slots = new HashMap<>();
    put(slots, "A", a);
    put(slots, "B", b);
    put(slots, "C", c);
    slots.put("P", place);
    boolean she = isShe(people.get(a).getOrDefault("", ""));
    slots.put("he", she ? "she" : "he");
    slots.put("He", she ? "She" : "He");
    slots.put("his", she ? "her" : "his");
    slots.put("him", she ? "her" : "him");
    return slots;
  }

  private void put(Map<String, String> slots, String letter, int person) {
    people.get(person).forEach((attribute, value) -> slots.put(letter + attribute, value));
  }

  private static boolean isShe(String name) {
    return SHE.contains(name) || (name.endsWith("a") && !name.equals("Luca"));
  }
}
