package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.Problems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be said without Spark; the module {@code compare/spark} tests the rest. */
class SparkCommandTest extends AtHome {
  private static final String SIDE = "kvpress.spark";

  @TempDir Path folder;

  @BeforeEach
  void pretendThatSparkIsThere() throws Exception {
    Files.createDirectories(folder.resolve("lib"));
    System.setProperty(SIDE, folder.toString());
  }

  @AfterEach
  void forgetSpark() {
    System.clearProperty(SIDE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "spark --methods h2o | --master: expected the URL of Spark's master, found nothing; give"
            + " --master spark://HOST:7077",
        "spark --master local[2] --methods h2o | --master: expected a cluster, found 'local[2]'; on"
            + " one machine take compare --workers",
        "spark --master spark://h:1 --conf spark.cores | --conf: expected NAME=VALUE, found"
            + " 'spark.cores'",
        "spark --master spark://h:1 --conf spark.master=local | --conf spark.master: the cluster is"
            + " what --master says; leave it out",
        "spark --master spark://h:1 --conf spark.submit.deployMode=cluster | --conf"
            + " spark.submit.deployMode: expected client, since the comparison writes its results"
            + " here, found 'cluster'; leave it out",
        "spark --master spark://h:1 --conf spark.driver.memory=8g | --conf spark.driver.memory:"
            + " only spark-submit heeds it",
        "spark --master spark://h:1 --conf spark.jars=/nowhere/x.jar | --conf spark.jars: expected"
            + " jars that can be read, found no file /nowhere/x.jar",
        "spark --master spark://h:1 --conf spark.jars=s3a://b/y.jar,file:///nowhere/x.jar | --conf"
            + " spark.jars: expected jars that can be read, found no file /nowhere/x.jar",
        "spark --master yarn | --master: yarn needs jars that are not here: spark-yarn_2.13 of"
            + " Spark 4.0 and those it needs; give them with --conf spark.jars=JAR,JAR",
        "spark --master k8s://https://h:6443 | --master: k8s://https://h:6443 needs jars that are"
            + " not here: spark-kubernetes_2.13",
        "spark --master spark://h:1 --worker-heap much | --worker-heap: expected a number of bytes,"
            + " for instance 512m or 2g, found 'much'",
        "spark --master spark://h:1 list | compare spark: expected options of a comparison, found"
            + " the command list; leave it out",
        "spark --master spark://h:1 --methods baseline --max-sample 3 | unknown option"
            + " '--max-sample', did you mean '--max-samples'?",
        "spark --master spark://h:1 --methods baseline --workers 2 | --workers, --num-gpus:"
            + " expected none of them with Spark, which starts the workers; leave them out",
        "spark --master spark://h:1 --methods baseline --conf spark.executor.cores=2 --threads 4 |"
            + " --threads: expected at most 2, which are the cores of an executor (--conf"
            + " spark.executor.cores), found 4; give fewer, or more cores",
        "spark --master spark://h:1 --methods baseline --conf spark.executor.cores=two | --conf"
            + " spark.executor.cores: expected a whole number of at least 1, found 'two'",
        "spark --master spark://h:1 --methods baseline --conf spark.task.cpus=2 | --conf"
            + " spark.task.cpus: expected 1, the cores of an executor, whose one engine takes a"
            + " task at a time, found 2; leave it out",
        "spark --master spark://h:1 --methods baseline --threads 0 | --threads: expected a whole"
            + " number of at least 1, found '0'",
      })
  void saysWhatIsWrong(String line, String error) {
    Run run = Run.of(line.split(" "));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).anyMatch(said -> said.startsWith("compare: " + error));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark://",
        "spark://127.0.0.1",
        "spark://:7077",
        "spark://h:0",
        "spark://h:99999",
        "spark://h:1,",
        "garbage",
        "localhost",
        "127.0.0.1:17077",
        "http://127.0.0.1:8080"
      })
  void saysWhatIsNoMaster(String url) {
    Run run = Run.of("spark", "--master", url, "--methods", "baseline");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors())
        .containsExactly(
            "compare: --master: expected spark://HOST:PORT (yarn or k8s://URL with further jars),"
                + " found '%s'".formatted(url));
  }

  @Test
  void aMasterThatIsNotThereIsSaidBeforeAnythingIsBegun() throws Exception {
    Path output = folder.resolve("out");
    for (String file : List.of("text.txt", "file:///nowhere/text.txt")) {
      Run run =
          Run.of(
              "spark",
              "--master",
              "spark://127.0.0.1:1",
              "--host-cache",
              folder.resolve("cache").toString(),
              "--methods",
              "baseline",
              "--data-path",
              file,
              "--output",
              output.toString());
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err())
          .contains(
              "--master: expected a Spark master at spark://127.0.0.1:1, found nobody who answers"
                  + " there");
      assertThat(output).doesNotExist();
    }
  }

  @Test
  void aFolderForWhatIsFetchedMustBeOne() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    Run run =
        Run.of(
            "spark",
            "--master",
            "spark://127.0.0.1:1",
            "--methods",
            "baseline",
            "--host-cache",
            file.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            "--host-cache: expected a folder that can be written, found the file %s; give another"
                .formatted(file));
  }

  @Test
  void saysWhereSparkHasToCome() {
    System.clearProperty(SIDE);
    Run run = Run.of("spark", "--master", "spark://h:1", "--methods", "h2o");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("expected Spark's side of the program, found none", "mvn -Pspark");
  }

  @Test
  void placesWhatIsWrongInAFileOfOptions() throws Exception {
    Path config = Files.writeString(folder.resolve("run.yaml"), "compression_ratio: 7\n");
    Run run =
        Run.of(
            "spark", "--master", "spark://h:1", "--methods", "h2o", "--config", config.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("run.yaml", "compression_ratio");
  }

  @Test
  void coresAndThreadsFollowFromEachOther() {
    assertThat(cores(List.of(), null).conf()).isEmpty();
    assertThat(cores(List.of(), null).in(List.of("--methods=h2o")))
        .containsExactly("--methods=h2o");
    assertThat(cores(List.of(), "8").conf()).containsExactly("spark.executor.cores=8");
    SparkCores given = cores(List.of("spark.executor.cores=2", "spark.executor.cores=16"), null);
    assertThat(given.threads()).contains("16");
    assertThat(given.in(List.of("--methods=h2o"))).containsExactly("--methods=h2o", "--threads=16");
    SparkCores fewer = cores(List.of("spark.executor.cores=16"), "4");
    assertThat(fewer.conf()).containsExactly("spark.executor.cores=16");
    assertThat(fewer.in(List.of("--threads=4"))).containsExactly("--threads=4");
  }

  private static SparkCores cores(List<String> conf, String threads) {
    Problems problems = new Problems();
    SparkCores cores = SparkCores.of(new ArrayList<>(conf), threads, problems);
    problems.throwIfAny();
    return cores;
  }
}
