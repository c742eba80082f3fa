/**
 * Decides, once, what a data file is. {@link dev.kvpress.compare.shape.catalog.Shapes} lists all
 * shapes, {@link dev.kvpress.compare.shape.catalog.Survey} looks at a file's columns, {@link
 * dev.kvpress.compare.shape.catalog.ShapeFinder} names the one shape that fits or says why there is
 * none, and {@link dev.kvpress.compare.shape.catalog.DataSource} is the file with its shape, from
 * which tasks read their samples.
 */
@NullMarked
package dev.kvpress.compare.shape.catalog;

import org.jspecify.annotations.NullMarked;
