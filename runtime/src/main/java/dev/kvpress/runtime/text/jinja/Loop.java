package dev.kvpress.runtime.text.jinja;

import java.util.List;

/**
 * What a loop tells those in it.
 *
 * @param items all of them
 * @param at the place, from 0
 */
record Loop(List<Object> items, int at) {
  Object get(String name) {
    long place = at;
    return switch (name) {
      case "index" -> place + 1;
      case "index0" -> place;
      case "revindex" -> items.size() - place;
      case "revindex0" -> items.size() - place - 1;
      case "first" -> at == 0;
      case "last" -> at == items.size() - 1;
      case "length" -> (long) items.size();
      // Only recursive loops, which are not supported, go deeper.
      case "depth" -> 1L;
      case "depth0" -> 0L;
      case "previtem" -> at == 0 ? new Undefined(name) : items.get(at - 1);
      case "nextitem" -> at == items.size() - 1 ? new Undefined(name) : items.get(at + 1);
      case "cycle" ->
          (Callable)
              (arguments, named) ->
                  arguments.isEmpty() ? new Undefined(name) : arguments.get(at % arguments.size());
      default -> throw JinjaException.notSupported("loop." + name);
    };
  }
}
