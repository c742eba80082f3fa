package dev.kvpress.compare.spark;

import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.spark.resource.ResourceInformation;

/**
 * What a worker has to know of the task it works for.
 *
 * @param unwanted whether Spark has given the task up
 * @param resources that belong to it, by name
 */
record TaskView(BooleanSupplier unwanted, Map<String, ResourceInformation> resources) {}
