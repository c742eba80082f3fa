/**
 * Models for LangChain4j over a {@link dev.kvpress.runtime.generate.Generator}: in go its messages
 * and parameters, out come its responses. Start at {@link
 * dev.kvpress.runtime.langchain4j.KvpressChatModel}.
 *
 * <p>LangChain4j is an optional dependency, and this package alone knows it. What a request asks
 * for and this library does not do (tools, JSON by schema, images, …) is refused by name.
 */
@NullMarked
package dev.kvpress.runtime.langchain4j;

import org.jspecify.annotations.NullMarked;
