package dev.kvpress.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class ClusterEndTest {
  private static final String MASTER = "spark://host:8080";
  private static final NullPointerException NULL =
      new NullPointerException(
          "Cannot invoke \"org.apache.spark.SparkEnv.driverTmpDir()\" because \"x\" is null");

  @Test
  void saysWhoEndedAnApplicationAndWhatToLookAt() {
    assertThat(ClusterEnd.byMaster(MASTER, NULL))
        .startsWith("Spark ended the application at spark://host:8080; look at")
        .contains("executors that did not start", "the master's own port")
        .doesNotContain("SparkEnv");
    assertThat(
            ClusterEnd.byMaster(
                MASTER,
                new SparkException("Job aborted: Master removed our application: FAILED\nat x")))
        .startsWith(
            "Spark ended the application at spark://host:8080: Job aborted: Master removed our"
                + " application: FAILED; look at");
  }

  @Test
  void saysWhatAMasterNeedsThatIsNotThere() {
    assertThat(ClusterEnd.atStart(MASTER, NULL))
        .startsWith(
            "--master: Spark does not begin with spark://host:8080; check that this is the master's"
                + " own port")
        .doesNotContain("SparkEnv");
    assertThat(ClusterEnd.atStart("yarn", new SparkException("Could not parse Master URL: yarn")))
        .contains("Could not parse Master URL", "--conf spark.jars=spark-yarn_2.13.jar");
  }
}
