// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.NativeArena;
import dev.corral.bench.peers.ArenaState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.lwjgl.system.MemoryUtil;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A string made of UTF-8 that lies in native memory, or in an array. */
@State(Scope.Thread)
public class Utf8Decoding extends Nanoseconds {
    private byte[] bytes;
    private byte[] copy;
    private ByteBuffer view;
    private long ref;
    private NativeArena arena;

    /** Puts the text everywhere. */
    @Setup
    public void prepare(ArenaState state, Utf8.Text text) {
        arena = state.arena; // the benchmark's parameter would be another one
        bytes = text.value.getBytes(StandardCharsets.UTF_8);
        copy = new byte[bytes.length];
        view = arena.allocateUtf8(text.value);
        ref = arena.allocateRef(bytes.length);
        arena.copyIn(ref, 0, bytes, 0, bytes.length);
    }

    /** A view of an arena, by the JDK's decoder. */
    @Benchmark
    public String arenaView() {
        return StandardCharsets.UTF_8.decode(view.duplicate()).toString();
    }

    /** A reference, by an array that is kept. */
    @Benchmark
    public String arenaRef() {
        arena.copyOut(ref, 0, copy, 0, copy.length);
        return new String(copy, StandardCharsets.UTF_8);
    }

    /** An array. */
    @Benchmark
    public String byteArray() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The same native memory, by LWJGL. */
    @Benchmark
    public String lwjgl() {
        return MemoryUtil.memUTF8(view);
    }
}
