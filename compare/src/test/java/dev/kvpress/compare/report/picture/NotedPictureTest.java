package dev.kvpress.compare.report.picture;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class NotedPictureTest {
  private static final int WIDTH = 300;
  private static final int HEIGHT = 100;

  /** All blue. */
  private record Plain(String name) implements Picture {
    @Override
    public BufferedImage draw() {
      BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
      for (int x = 0; x < WIDTH; x++) {
        for (int y = 0; y < HEIGHT; y++) {
          image.setRGB(x, y, Color.BLUE.getRGB());
        }
      }
      return image;
    }
  }

  @Test
  void notesStandBelowAndLongOnesAreWrapped() {
    Picture plain = new Plain("plain.png");
    BufferedImage one = NotedPicture.of(plain, List.of("a note")).draw();
    BufferedImage many = NotedPicture.of(plain, List.of("many words ".repeat(40))).draw();

    assertThat(NotedPicture.of(plain, List.of("a note")).name()).isEqualTo("plain.png");
    assertThat(one.getWidth()).isEqualTo(WIDTH);
    assertThat(one.getHeight()).isGreaterThan(HEIGHT);
    assertThat(many.getHeight() - HEIGHT).isGreaterThan(3 * (one.getHeight() - HEIGHT));
    assertThat(one.getRGB(WIDTH / 2, HEIGHT - 1)).isEqualTo(Color.BLUE.getRGB());
    assertThat(dark(one)).isTrue();
  }

  @Test
  void aPictureOfWhichNothingIsToBeSaidStaysAsItIs() {
    Picture plain = new Plain("plain.png");
    assertThat(NotedPicture.of(plain, List.of())).isSameAs(plain);
  }

  /** Whether something is written below. */
  private static boolean dark(BufferedImage image) {
    for (int x = 0; x < image.getWidth(); x++) {
      for (int y = HEIGHT; y < image.getHeight(); y++) {
        if (new Color(image.getRGB(x, y)).getGreen() < 100) {
          return true;
        }
      }
    }
    return false;
  }
}
