// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.peers;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Netty's two allocators with their defaults, shared by all threads as in a Netty program. */
@State(Scope.Benchmark)
public class NettyState {
    /** The pooled one. */
    public final ByteBufAllocator pooled = PooledByteBufAllocator.DEFAULT;
    /** The adaptive one, the default of Netty 4.2. */
    public final ByteBufAllocator adaptive = new AdaptiveByteBufAllocator();
}
