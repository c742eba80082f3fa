package dev.kvpress.testdata.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicApiTest {
  private static final String SAMPLE = "dev.kvpress.testdata.api.Sample";

  @Test
  void tellsWhatOthersCanNameAndNothingElse() throws Exception {
    Path classes =
        Path.of(Sample.class.getProtectionDomain().getCodeSource().getLocation().toURI());

    List<String> lines = PublicApi.of(classes, Set.of());

    assertThat(lines)
        .containsExactly(
            SAMPLE + " : abstract class is Comparable<" + SAMPLE + ">",
            SAMPLE + ".Closed : protected sealed interface",
            SAMPLE + ".Closed.One : record() is " + SAMPLE + ".Closed",
            SAMPLE + ".Closed.text() : default String",
            SAMPLE + ".Count : enum",
            SAMPLE + ".Count.ONE : enum constant",
            SAMPLE + ".Count.TWO : enum constant",
            SAMPLE + ".Count.next() : int",
            SAMPLE + ".Pair : record<K>(K key, @Nullable String value)",
            SAMPLE + ".Pair.new(K) : constructor",
            SAMPLE + ".Pair.of(String) : static " + SAMPLE + ".Pair<String>",
            SAMPLE + ".SIZE : static final int",
            SAMPLE + ".compareTo(" + SAMPLE + ") : int",
            SAMPLE
                + ".first(java.util.List<T>, String[]) : static <T extends Comparable<T>> @Nullable T",
            SAMPLE + ".inherited(java.util.List<? super T>) : final void",
            SAMPLE
                + ".new(java.util.Map<String, ? extends Number>) : protected constructor throws"
                + " java.io.IOException",
            SAMPLE + ".step() : protected abstract void");
    assertThat(PublicApi.of(classes, Set.of("dev.kvpress.testdata.api"))).isEmpty();
  }

  @Test
  void findsWhatHasNoComment(@TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve("Talk.java"),
        """
        /** Said. */
        public class Talk {
          public int unsaid;
          protected Talk() {}
          /** Said. */
          public void said() {}
          public void unsaid() {}
          @Override public String toString() { return ""; }
          private void nobodysBusiness() {}
          public interface Inner {
            void unsaidToo();
          }
          class Own { public int alsoNobodys; }
          /** Said. */
          public enum Kind { UNSAID, /** Said. */ SAID }
        }
        class Other { public void alsoNobodys() {} }
        """);

    assertThat(MissingComments.in(folder))
        .containsExactly(
            "Talk.java:3 unsaid",
            "Talk.java:4 <init>",
            "Talk.java:7 unsaid",
            "Talk.java:10 Inner",
            "Talk.java:11 unsaidToo",
            "Talk.java:15 UNSAID");
  }

  @Test
  void showsWhatDiffersFromTheList(@TempDir Path folder) {
    Path file = folder.resolve("docs/api/module.txt");
    ApiList before = new ApiList(file, Set.of("Press.name() : String", "Press.old() : void"));
    before.write();

    assertThat(before.difference()).isEmpty();
    assertThat(
            new ApiList(file, Set.of("Press.fresh() : void", "Press.name() : String")).difference())
        .containsExactly("+ Press.fresh() : void", "- Press.old() : void");
  }
}
