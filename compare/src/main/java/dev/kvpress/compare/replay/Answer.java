package dev.kvpress.compare.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.ZeroedChannels;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** Writes the answer to one case as one line of JSON, in ASCII. */
final class Answer {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private Answer() {}

  /** Something that writes. */
  interface Part {
    /** Writes fields into the object that is open. */
    void write(JsonGenerator json) throws IOException;
  }

  private interface HeadPart {
    void write(int row, int kvHead) throws IOException;
  }

  /** A line that holds an object. */
  static String line(Part fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      // An error in the middle is thrown on; what was written until then is dropped with the text.
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** Scores {@code [B][G][S]}, protected tokens as inf. */
  static void scores(JsonGenerator json, Scores scores) throws IOException {
    json.writeFieldName("scores");
    heads(
        json,
        scores.batch(),
        scores.kvHeads(),
        (b, g) -> {
          for (int s = 0; s < scores.length(b, g); s++) {
            number(json, scores.shown(b, g, s));
          }
        });
  }

  /** Original positions {@code [B][G][kept]} of what is in the cache. */
  static void kept(JsonGenerator json, LayerLedger ledger) throws IOException {
    json.writeFieldName("kept");
    heads(
        json,
        ledger.batch(),
        ledger.kvHeads(),
        (b, g) -> {
          for (int position : ledger.positions(b, g)) {
            json.writeNumber(position);
          }
        });
  }

  /** What an edit does beside removing tokens. */
  static void extras(JsonGenerator json, CacheEdit edit, LayerLedger ledger) throws IOException {
    if (edit.zeroedChannels().isPresent()) {
      channels(json, edit.zeroedChannels().get(), ledger);
    }
    if (edit.keys().isPresent()) {
      vectors(json, LayerInputs.KEYS, edit.keys().get(), ledger);
    }
    if (edit.values().isPresent()) {
      vectors(json, LayerInputs.VALUES, edit.values().get(), ledger);
    }
    if (edit.nextPosition().isPresent()) {
      json.writeNumberField("next_position", edit.nextPosition().getAsInt());
    }
  }

  private static void channels(JsonGenerator json, ZeroedChannels channels, LayerLedger ledger)
      throws IOException {
    json.writeFieldName("zeroed_channels");
    heads(
        json,
        ledger.batch(),
        ledger.kvHeads(),
        (b, g) -> {
          for (int channel : channels.of(b, g)) {
            json.writeNumber(channel);
          }
        });
  }

  private static void vectors(
      JsonGenerator json, String field, HeadVectors vectors, LayerLedger ledger)
      throws IOException {
    json.writeFieldName(field);
    float[] vector = new float[vectors.size()];
    heads(
        json,
        ledger.batch(),
        ledger.kvHeads(),
        (b, g) -> {
          for (int slot = 0; slot < ledger.length(b, g); slot++) {
            vectors.read(b, g, slot, vector);
            json.writeStartArray();
            for (float value : vector) {
              number(json, value);
            }
            json.writeEndArray();
          }
        });
  }

  /** Remarks of the press, if there are any. */
  static void notices(JsonGenerator json, List<String> notices) throws IOException {
    if (notices.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("notices");
    for (String notice : notices) {
      json.writeString(notice);
    }
    json.writeEndArray();
  }

  private static void heads(JsonGenerator json, int batch, int kvHeads, HeadPart part)
      throws IOException {
    json.writeStartArray();
    for (int b = 0; b < batch; b++) {
      json.writeStartArray();
      for (int g = 0; g < kvHeads; g++) {
        json.writeStartArray();
        part.write(b, g);
        json.writeEndArray();
      }
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private static void number(JsonGenerator json, float value) throws IOException {
    if (Float.isNaN(value)) {
      json.writeString("nan");
    } else if (Float.isInfinite(value)) {
      json.writeString(value > 0 ? "inf" : "-inf");
    } else {
      json.writeNumber(value);
    }
  }
}
