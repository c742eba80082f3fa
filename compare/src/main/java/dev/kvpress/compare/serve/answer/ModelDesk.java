package dev.kvpress.compare.serve.answer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.serve.model.PressDesk;
import dev.kvpress.compare.serve.model.ServedModel;
import dev.kvpress.compare.serve.model.ServedPress;
import dev.kvpress.compare.serve.wire.JsonText;
import dev.kvpress.runtime.generate.Generator;

/** Tells which models there are. */
public final class ModelDesk {
  private final Generator generator;
  private final PressDesk desk;

  ModelDesk(Generator generator, PressDesk desk) {
    this.generator = generator;
    this.desk = desk;
  }

  /** All names that are listed. */
  public ObjectNode list() {
    ObjectNode answer = JsonText.object();
    answer.put("object", "list");
    ArrayNode data = answer.putArray("data");
    desk.names().forEach(name -> data.add(one(name)));
    return answer;
  }

  /** How long a prompt and its answer may be, under the name that vLLM gave it. */
  static void putPositions(ObjectNode answer, ServedModel model) {
    model
        .maxPositions()
        .ifPresentOrElse(
            most -> answer.put("max_model_len", most), () -> answer.putNull("max_model_len"));
  }

  /**
   * One name, listed or not.
   *
   * @throws dev.kvpress.compare.serve.wire.ApiException if no model is called so
   */
  public ObjectNode one(String name) {
    ServedPress press = desk.named(name);
    ObjectNode model = JsonText.object();
    model.put("id", name);
    model.put("object", "model");
    model.put("created", desk.model().createdSeconds());
    model.put("owned_by", "kvpress");
    putPositions(model, desk.model());
    ObjectNode own = model.putObject("kvpress");
    own.put("chat", generator.words().template().isPresent());
    own.put("press", press.spec());
    press
        .ratio()
        .ifPresentOrElse(
            ratio -> own.put("compression_ratio", ratio), () -> own.putNull("compression_ratio"));
    press
        .tokens()
        .ifPresentOrElse(tokens -> own.put("kv_budget", tokens), () -> own.putNull("kv_budget"));
    return model;
  }
}
