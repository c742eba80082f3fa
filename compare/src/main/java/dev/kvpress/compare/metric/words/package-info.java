/**
 * What counts as a word, and how sequences of words are compared: texts come in, words, stems and
 * lengths of common subsequences go out. Most originals of this project's metrics are written in
 * Python, whose rules for blanks, digits and letters differ from Java's in places where answers
 * have them; {@link dev.kvpress.compare.metric.words.PythonText} holds these rules once.
 *
 * <p>English stems: {@link dev.kvpress.compare.metric.words.PorterStemmer}. Chinese words: {@link
 * dev.kvpress.compare.metric.words.ChineseWords}. Edit similarity: {@link
 * dev.kvpress.compare.metric.words.GestaltRatio}.
 */
@NullMarked
package dev.kvpress.compare.metric.words;

import org.jspecify.annotations.NullMarked;
