package dev.kvpress.compare.report.folder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NeedleMapsTest {
  private final NeedleMaps needles = new NeedleMaps(topic -> Optional.of("found"));

  private void add(String method, double depth, int length, double found) {
    needles.add(
        new SampleEntry(
            method,
            "qa",
            "d",
            0.5,
            null,
            0,
            0.5,
            null,
            null,
            1,
            Map.of("found", found),
            null,
            List.of(),
            depth,
            length));
  }

  @Test
  void samplesOfOnePlaceAreAveraged() {
    add("h2o", 0, 1000, 1);
    add("h2o", 0, 1030, 0);
    add("h2o", 50, 1000, 1);
    add("h2o", 50, 2000, 0);
    NeedleMap map = needles.maps().get(0);
    assertThat(map.lengths()).containsExactly("1000", "2000");
    assertThat(map.depths()).containsExactly("0", "50");
    assertThat(map.spots())
        .containsExactlyInAnyOrder(
            new NeedleMap.Spot(0, 0, 0.5, 2),
            new NeedleMap.Spot(0, 1, 1, 1),
            new NeedleMap.Spot(1, 1, 0, 1));
  }

  @Test
  void methodsShareTheirAxes() {
    add("h2o", 0, 1000, 1);
    add("knorm", 100, 3000, 1);
    ImmutableList<NeedleMap> maps = needles.maps();
    assertThat(maps).extracting(NeedleMap::method).containsExactly("h2o", "knorm");
    assertThat(maps).extracting(NeedleMap::lengths).containsOnly(ImmutableList.of("1000", "3000"));
    assertThat(maps).extracting(NeedleMap::depths).containsOnly(ImmutableList.of("0", "100"));
  }

  @Test
  void manyDepthsStandTogetherByTenths() {
    for (int i = 0; i <= 100; i++) {
      add("h2o", i, 1000, 1);
    }
    NeedleMap map = needles.maps().get(0);
    assertThat(map.depths()).hasSize(10).startsWith("0–10", "10–20").endsWith("90–100");
    assertThat(map.spots()).contains(new NeedleMap.Spot(0, 9, 1, 11));
  }

  @Test
  void depthsThatFollowNoGridStandTogetherByTenths() {
    add("h2o", 51.4, 1000, 1);
    add("h2o", 51.9, 1000, 0);
    add("h2o", 100, 1000, 1);
    NeedleMap map = needles.maps().get(0);
    assertThat(map.depths()).containsExactly("50–60", "90–100");
    assertThat(map.spots()).contains(new NeedleMap.Spot(0, 0, 0.5, 2));
  }

  @Test
  void needlesOfOneDepthMakeNoMap() {
    add("h2o", 33.3, 1000, 1);
    add("h2o", 33.3, 2000, 1);
    assertThat(needles.maps()).isEmpty();
  }
}
