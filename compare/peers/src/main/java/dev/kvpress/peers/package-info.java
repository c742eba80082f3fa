/**
 * The same random Llama through this project, llama.cpp and Jlama, side by side on one machine.
 *
 * <p>Start at {@link dev.kvpress.peers.PeersMain}, run by {@code bin/bench peers}. A {@link
 * dev.kvpress.peers.Peer} writes what its engine reads and says how to start it; {@link
 * dev.kvpress.peers.side} holds the programs that are started; {@link dev.kvpress.peers.report}
 * what is said in the end.
 */
@NullMarked
package dev.kvpress.peers;

import org.jspecify.annotations.NullMarked;
