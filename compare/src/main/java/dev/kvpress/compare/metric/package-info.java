/**
 * Pure calculations on answers, numbers and logits; nothing here knows models, files or cells.
 *
 * <p>In: what a model wrote and what was expected, or figures of samples. Out: figures, each with
 * its variant stated where it is made, since the same name is computed in several ways elsewhere.
 * Texts: {@link dev.kvpress.compare.metric.StringMatch}, {@link
 * dev.kvpress.compare.metric.AnswerMatch}, {@link dev.kvpress.compare.metric.Rouge} and {@link
 * dev.kvpress.compare.metric.RougePackage}; the measures of single data sets are in {@code
 * metric.official}, what a word is in {@code metric.words}. Logits: {@link
 * dev.kvpress.compare.metric.LogitAgreement}. Choices: {@link
 * dev.kvpress.compare.metric.ChoiceScores}. Statistics: {@link
 * dev.kvpress.compare.metric.PairedBootstrap}, {@link dev.kvpress.compare.metric.Distribution},
 * {@link dev.kvpress.compare.metric.Spread}.
 */
@NullMarked
package dev.kvpress.compare.metric;

import org.jspecify.annotations.NullMarked;
