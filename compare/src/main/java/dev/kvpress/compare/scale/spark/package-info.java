/**
 * The comparison's side of Spark. Nothing of Spark is on this class path: a {@link
 * dev.kvpress.compare.scale.spark.BridgeLaunch} starts a process that has it, which a pool takes
 * for one very parallel worker; {@link dev.kvpress.compare.scale.spark.RemoteFiles} asks another
 * one for files that are named by URIs.
 */
@NullMarked
package dev.kvpress.compare.scale.spark;

import org.jspecify.annotations.NullMarked;
