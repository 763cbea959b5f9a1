// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.bench.peers.ArenaState;
import dev.corral.bench.peers.NettyState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.lwjgl.system.MemoryStack;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A string encoded as UTF-8 into a new block; the arena is reset every {@value #TEXTS} texts. */
@State(Scope.Thread)
public class Utf8 extends Nanoseconds {
    private static final int TEXTS = 256;

    /** The text. */
    @State(Scope.Benchmark)
    public static class Text {
        private static final int REPEATS = 40;

        /** {@code ascii} and {@code mixed} are about 30 characters, {@code long} has 1,200 of ASCII. */
        @Param({"ascii", "mixed", "long"})
        public String text;

        /** The characters. */
        public String value;

        /** Chooses it. */
        @Setup
        public void choose() {
            String ascii = "the quick brown fox jumps over";
            value = switch (text) {
                case "ascii" -> ascii;
                case "mixed" -> "Zürich, naïve, 東京, the Ωmega 👍";
                default -> ascii.repeat(REPEATS);
            };
        }
    }

    private int texts;

    /** Into an arena. */
    @Benchmark
    public ByteBuffer arena(ArenaState state, Text text) {
        if (++texts == TEXTS) {
            texts = 0;
            state.arena.reset();
        }
        return state.arena.allocateUtf8(text.value);
    }

    /** Into an array. */
    @Benchmark
    public byte[] getBytes(Text text) {
        return text.value.getBytes(StandardCharsets.UTF_8);
    }

    /** Into an array, and from there into a direct buffer that is kept. */
    @Benchmark
    public ByteBuffer getBytesAndCopy(Text text, Kept kept) {
        return kept.buffer.clear().put(text.value.getBytes(StandardCharsets.UTF_8)).flip();
    }

    /** A direct buffer of 8 KiB. */
    @State(Scope.Thread)
    public static class Kept {
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(8_192);
    }

    /** Into a frame of LWJGL's stack. */
    @Benchmark
    public int lwjglStack(Text text) {
        try (MemoryStack frame = MemoryStack.stackPush()) {
            return frame.UTF8(text.value, false).remaining();
        }
    }

    /** Into a buffer of Netty's pooled allocator. */
    @Benchmark
    public int nettyPooled(NettyState netty, Text text) {
        ByteBuf block = ByteBufUtil.writeUtf8(netty.pooled, text.value);
        int length = block.readableBytes();
        block.release();
        return length;
    }
}
