package dev.kvpress.compare.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One metric of one cell.
 *
 * @param value over all samples
 * @param n number of samples that have it
 * @param delta value minus the baseline's over the same samples; null in the baseline's own row
 * @param low lower end of the delta's 95 % interval (paired bootstrap over samples); null where
 *     there is none
 * @param high upper end
 * @param error standard error of the value over tokens; absent where tokens have no values
 */
public record MetricRow(
    double value,
    int n,
    @Nullable Double delta,
    @Nullable Double low,
    @Nullable Double high,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double error) {}
