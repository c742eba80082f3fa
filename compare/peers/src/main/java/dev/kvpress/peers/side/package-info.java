/**
 * One engine running one model once: programs that load it, prefill and decode, measure themselves
 * and print a line of figures. Each runs in a process of its own, started by {@link
 * dev.kvpress.peers.side.PeerProcess}.
 */
@NullMarked
package dev.kvpress.peers.side;

import org.jspecify.annotations.NullMarked;
