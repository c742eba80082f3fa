/**
 * The files that models are made of, as far as several stations read them: JSON settings ({@link
 * dev.kvpress.runtime.file.JsonFile}), tensors in safetensors files ({@link
 * dev.kvpress.runtime.file.SafetensorsFile}), and the number formats of both and of ONNX graphs
 * ({@link dev.kvpress.runtime.file.FloatDecoder}). Bytes in, checked numbers out. Also how files
 * are written whole ({@link dev.kvpress.runtime.file.AtomicFile}) and told apart ({@link
 * dev.kvpress.runtime.file.ContentHash}), and what stands in place of a file that was never fetched
 * ({@link dev.kvpress.runtime.file.LfsPointer}).
 */
@NullMarked
package dev.kvpress.runtime.file;

import org.jspecify.annotations.NullMarked;
