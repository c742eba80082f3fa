/**
 * Contexts of a comparison as tasks of Apache Spark. Lines of the wire between a comparison and its
 * workers come in and go out; what they say is not understood here, so that nothing of compare is
 * needed beside Spark. Start with {@link dev.kvpress.compare.spark.SparkBridge}.
 */
@NullMarked
package dev.kvpress.compare.spark;

import org.jspecify.annotations.NullMarked;
