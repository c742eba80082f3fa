package dev.kvpress.compare.support;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What every press did on one model.
 *
 * @param architecture class name in config.json
 * @param model its name
 * @param trials one for each press of the catalogue, in its order
 */
record ModelTrials(String architecture, String model, List<PressTrial> trials) {
  ModelTrials {
    requireNonNull(architecture, "architecture is null");
    requireNonNull(model, "model is null");
    trials = List.copyOf(trials);
  }
}
