package dev.kvpress.runtime.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** What a subscriber gets that asks for little, throws, or goes away. */
class TextSubscriptionTest {
  private final Heard heard = new Heard();
  private final TextSubscription subscription = new TextSubscription(heard);
  private boolean cancelled;

  /** Notes all signals. */
  private static class Heard implements Flow.Subscriber<TextPiece> {
    final List<String> signals = new ArrayList<>();
    Optional<Flow.Subscription> given = Optional.empty();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      given = Optional.of(subscription);
    }

    @Override
    public void onNext(TextPiece piece) {
      signals.add(piece.text());
    }

    @Override
    public void onError(Throwable reason) {
      signals.add("! " + reason.getMessage());
    }

    @Override
    public void onComplete() {
      signals.add("end");
    }
  }

  private final class Started implements Generating {
    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public boolean isDone() {
      return false;
    }

    @Override
    public Generation join() {
      throw new UnsupportedOperationException("not asked for");
    }

    @Override
    public CompletableFuture<Generation> future() {
      return new CompletableFuture<>();
    }
  }

  private void begin() {
    subscription.begin(listener -> new Started());
  }

  private void piece(String text) {
    subscription.onPiece(new TextPiece(text, List.of()));
  }

  private void end() {
    subscription.onEnd(
        new Generation(
            "",
            List.of(),
            FinishReason.END_TOKEN,
            Optional.empty(),
            new Usage(0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
            Optional.empty(),
            List.of(),
            Optional.empty()));
  }

  @Test
  void joinsWhatIsNotAskedForYet() {
    begin();
    piece("a");
    piece("b");
    assertThat(heard.signals).isEmpty();
    subscription.request(1);
    piece("c");
    piece("d");
    end();
    assertThat(heard.signals).containsExactly("ab");
    subscription.request(5);
    assertThat(heard.signals).containsExactly("ab", "cd", "end");
    subscription.request(1);
    assertThat(heard.signals).hasSize(3);
  }

  @Test
  void endsWithoutBeingAskedWhereNothingIsLeft() {
    begin();
    end();
    assertThat(heard.signals).containsExactly("end");
  }

  @Test
  void tellsAFailureBehindTheText() {
    begin();
    piece("a");
    subscription.onFailure(new IllegalStateException("gone"));
    subscription.request(1);
    assertThat(heard.signals).containsExactly("a", "! gone");
  }

  @Test
  void tellsWhatStartingHasThrown() {
    subscription.begin(
        listener -> {
          throw new BusyException(3);
        });
    assertThat(heard.signals).singleElement().asString().contains("3 requests wait");
  }

  @Test
  void cancellingGivesTheGenerationUpAndEndsTheSignals() {
    begin();
    subscription.request(9);
    piece("a");
    subscription.cancel();
    piece("b");
    end();
    assertThat(cancelled).isTrue();
    assertThat(heard.signals).containsExactly("a");
  }

  @Test
  void askingForNothingIsAFault() {
    begin();
    subscription.request(0);
    assertThat(cancelled).isTrue();
    assertThat(heard.signals).singleElement().asString().startsWith("! ").contains("at least 1");
  }

  @Test
  void asksFromWithinASignal() {
    Heard eager =
        new Heard() {
          @Override
          public void onNext(TextPiece piece) {
            super.onNext(piece);
            given.orElseThrow().request(1);
          }
        };
    TextSubscription own = new TextSubscription(eager);
    own.begin(listener -> new Started());
    own.request(1);
    own.onPiece(new TextPiece("a", List.of()));
    own.onPiece(new TextPiece("b", List.of()));
    assertThat(eager.signals).containsExactly("a", "b");
  }

  @Test
  void aSubscriberThatThrowsGivesUp() {
    Heard broken =
        new Heard() {
          @Override
          public void onNext(TextPiece piece) {
            throw new IllegalStateException("broken");
          }
        };
    TextSubscription own = new TextSubscription(broken);
    own.begin(listener -> new Started());
    own.request(1);
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> own.onPiece(new TextPiece("a", List.of())))
        .hasMessage("broken");
    own.onPiece(new TextPiece("b", List.of()));
    assertThat(cancelled).isTrue();
    assertThat(broken.signals).isEmpty();
  }
}
