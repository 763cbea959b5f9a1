// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CoderMalfunctionError;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Every kind of use of a view, and everything that ends views. */
final class StaleUses {
    static final int SIZE = 256;

    /** A use of a view of {@link #SIZE} bytes at position 0; what it returns is of no interest. */
    interface Use {
        Object of(ByteBuffer view) throws Exception;
    }

    /** A way to derive something from a view; what it returns uses the derived thing, at any later time. */
    interface Derivation {
        Callable<Object> from(ByteBuffer view) throws Exception;
    }

    /** A child with a mark, a scope and then a view. */
    static final class Fixture implements AutoCloseable {
        final MemoryPool pool = MemoryPool.builder().retain(0).build();
        final NativeArena parent = NativeArena.create(pool);
        final NativeArena arena = parent.newChild();
        final ByteBuffer older = arena.allocate(SIZE);
        final Mark mark = arena.mark();
        final Scope scope = arena.openScope();
        final ByteBuffer view = arena.allocate(SIZE);

        @Override
        public void close() {
            pool.close();
            Reference.reachabilityFence(this); // an arena that is collected before the pool closes it counts as dropped
        }
    }

    /** What ends the view of a fixture. */
    interface Ending {
        void end(Fixture fixture);
    }

    static final Map<String, Use> USES = new LinkedHashMap<>();
    /** Uses that move bytes by functions of C, which AddressSanitizer replaces. */
    static final Set<String> COPIES = new HashSet<>();
    static final Map<String, Ending> ENDINGS = new LinkedHashMap<>();
    static final Map<String, Derivation> DERIVATIONS = new LinkedHashMap<>();

    private static final VarHandle INTS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    static {
        ENDINGS.put("reset", fixture -> fixture.arena.reset());
        ENDINGS.put("clear", fixture -> fixture.arena.clear());
        ENDINGS.put("rewind", fixture -> fixture.arena.rewind(fixture.mark));
        ENDINGS.put("closeScope", fixture -> fixture.scope.close());
        ENDINGS.put("close", fixture -> fixture.arena.close());
        ENDINGS.put("closePool", fixture -> fixture.pool.close());
        ENDINGS.put("resetParent", fixture -> fixture.parent.reset());
        ENDINGS.put("clearParent", fixture -> fixture.parent.clear());
        ENDINGS.put("closeParent", fixture -> fixture.parent.close());
        single();
        derived();
        Set<String> oneByOne = Set.copyOf(USES.keySet());
        whole();
        library();
        COPIES.addAll(USES.keySet());
        COPIES.removeAll(oneByOne);
        derivations();
    }

    private StaleUses() {
    }

    private static void single() {
        USES.put("get", view -> view.duplicate().get());
        USES.put("get(int)", view -> view.get(1));
        USES.put("getShort", view -> view.getShort(2));
        USES.put("getChar", view -> view.getChar(2));
        USES.put("getInt", view -> view.getInt(4));
        USES.put("getInt unaligned", view -> view.getInt(5));
        USES.put("getLong", view -> view.getLong(8));
        USES.put("getFloat", view -> view.getFloat(4));
        USES.put("getDouble", view -> view.getDouble(8));
        USES.put("put", view -> view.duplicate().put((byte) 1));
        USES.put("put(int)", view -> view.put(1, (byte) 1));
        USES.put("putShort", view -> view.putShort(2, (short) 1));
        USES.put("putChar", view -> view.putChar(2, 'c'));
        USES.put("putInt", view -> view.putInt(4, 1));
        USES.put("putLong", view -> view.putLong(8, 1));
        USES.put("putFloat", view -> view.putFloat(4, 1));
        USES.put("putDouble", view -> view.putDouble(8, 1));
        USES.put("VarHandle.get", view -> (int) INTS.get(view, 4));
        USES.put("VarHandle.compareAndSet", view -> INTS.compareAndSet(view, 4, 1, 2));
    }

    private static void derived() {
        USES.put("slice", view -> view.slice().get(1));
        USES.put("slice(int,int)", view -> view.slice(16, 16).get(1));
        USES.put("duplicate", view -> view.duplicate().put(1, (byte) 1));
        USES.put("asReadOnlyBuffer", view -> view.asReadOnlyBuffer().get(1));
        USES.put("a chain", view -> view.slice()
                .duplicate().asReadOnlyBuffer().slice(8, 8).asIntBuffer().slice().get(1));
        USES.put("asCharBuffer", view -> view.asCharBuffer().get(1));
        USES.put("asShortBuffer", view -> view.asShortBuffer().put(1, (short) 1));
        USES.put("asIntBuffer", view -> view.asIntBuffer().put(1, 1));
        USES.put("asLongBuffer", view -> view.asLongBuffer().get(1));
        USES.put("asFloatBuffer", view -> view.asFloatBuffer().put(1, 1));
        USES.put("asDoubleBuffer", view -> view.asDoubleBuffer().get(1));
        USES.put("in the other order", view -> view.duplicate().order(ByteOrder.BIG_ENDIAN).getLong(8));
    }

    private static void derivations() {
        DERIVATIONS.put("slice", view -> getter(view.slice()));
        DERIVATIONS.put("slice(int,int)", view -> getter(view.slice(16, 16)));
        DERIVATIONS.put("alignedSlice", view -> getter(view.alignedSlice(8)));
        DERIVATIONS.put("duplicate", view -> getter(view.duplicate()));
        DERIVATIONS.put("asReadOnlyBuffer", view -> getter(view.asReadOnlyBuffer()));
        DERIVATIONS.put("asCharBuffer", view -> view.asCharBuffer()::get);
        DERIVATIONS.put("asShortBuffer", view -> view.asShortBuffer()::get);
        DERIVATIONS.put("asIntBuffer", view -> view.asIntBuffer()::get);
        DERIVATIONS.put("asLongBuffer", view -> view.asLongBuffer()::get);
        DERIVATIONS.put("asFloatBuffer", view -> view.asFloatBuffer()::get);
        DERIVATIONS.put("asDoubleBuffer", view -> view.asDoubleBuffer()::get);
        DERIVATIONS.put("CharBuffer.subSequence", view -> view.asCharBuffer().subSequence(1, 4)::get);
        DERIVATIONS.put("a chain", view -> view.slice()
                .duplicate().asReadOnlyBuffer().slice(8, 8).asIntBuffer().slice()::get);
        if (Runtime.version().feature() >= 22) {
            DERIVATIONS.put("MemorySegment.ofBuffer", view -> {
                Object segment = segmentOf(view);
                return () -> bytesOf(segment);
            });
            DERIVATIONS.put("MemorySegment.asByteBuffer", view -> getter((ByteBuffer) Class
                    .forName("java.lang.foreign.MemorySegment").getMethod("asByteBuffer").invoke(segmentOf(view))));
        }
    }

    private static Callable<Object> getter(ByteBuffer derived) {
        return () -> derived.duplicate().get();
    }

    private static void whole() {
        USES.put("get(byte[])", view -> view.duplicate().get(new byte[SIZE]));
        USES.put("get(int,byte[])", view -> view.get(0, new byte[SIZE]));
        USES.put("put(byte[])", view -> view.duplicate().put(new byte[SIZE]));
        USES.put("put(ByteBuffer)", view -> view.duplicate().put(ByteBuffer.allocate(SIZE)));
        USES.put("as a source", view -> ByteBuffer.allocate(SIZE).put(view.duplicate()));
        USES.put("as a source of direct memory", view -> ByteBuffer.allocateDirect(SIZE).put(0, view, 0, SIZE));
        USES.put("compact", view -> view.duplicate().position(8).compact());
        USES.put("equals", view -> view.equals(ByteBuffer.allocate(SIZE)));
        USES.put("hashCode", view -> view.hashCode());
        USES.put("compareTo", view -> view.compareTo(ByteBuffer.allocate(SIZE)));
        USES.put("mismatch", view -> view.mismatch(ByteBuffer.allocate(SIZE)));
        USES.put("IntBuffer.get(int[])", view -> view.asIntBuffer().get(new int[SIZE / 4]));
        USES.put("CharBuffer.toString", view -> view.asCharBuffer().toString());
    }

    private static void library() {
        USES.put("CRC32", view -> {
            CRC32 sum = new CRC32();
            sum.update(view.duplicate());
            return sum.getValue();
        });
        USES.put("Adler32", view -> {
            Adler32 sum = new Adler32();
            sum.update(view.duplicate());
            return sum.getValue();
        });
        USES.put("MessageDigest", view -> {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(view.duplicate());
            return digest.digest();
        });
        USES.put("CharsetDecoder", view -> coded(() -> StandardCharsets.UTF_8.decode(view.duplicate())));
        USES.put("CharsetEncoder", view -> coded(() -> StandardCharsets.UTF_8.newEncoder()
                .encode(CharBuffer.wrap("text"), view.duplicate(), true)));
        USES.put("Deflater", view -> {
            Deflater deflater = new Deflater();
            try {
                deflater.setInput(view.duplicate());
                deflater.finish();
                return deflater.deflate(new byte[SIZE * 2]);
            } finally {
                deflater.end();
            }
        });
        USES.put("FileChannel.write", view -> withFile(channel -> channel.write(view.duplicate(), 0)));
        USES.put("FileChannel.read", view -> withFile(channel -> {
            channel.write(ByteBuffer.allocate(SIZE), 0);
            return channel.read(view.duplicate(), 0);
        }));
        if (Runtime.version().feature() >= 22) {
            USES.put("MemorySegment.ofBuffer", StaleUses::readSegment);
        }
    }

    /** Coders wrap every exception in an error. */
    private static Object coded(Supplier<Object> use) {
        try {
            return use.get();
        } catch (CoderMalfunctionError e) {
            throw (RuntimeException) e.getCause();
        }
    }

    /** A use of a channel. */
    interface ChannelUse {
        Object of(FileChannel channel) throws IOException;
    }

    private static Object withFile(ChannelUse use) {
        try {
            Path file = Files.createTempFile("corral-", ".bytes");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE)) {
                return use.of(channel);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object readSegment(ByteBuffer view) throws Exception {
        return bytesOf(segmentOf(view));
    }

    /** {@code MemorySegment.ofBuffer(view)}, by reflection: the tests are compiled for JDK 17. */
    private static Object segmentOf(ByteBuffer view) throws Exception {
        return Class.forName("java.lang.foreign.MemorySegment").getMethod("ofBuffer", Buffer.class).invoke(null, view);
    }

    /** {@code segment.toArray(JAVA_BYTE)}. */
    private static Object bytesOf(Object segment) throws Exception {
        Class<?> layouts = Class.forName("java.lang.foreign.ValueLayout");
        Class<?> bytes = Class.forName("java.lang.foreign.ValueLayout$OfByte");
        try {
            return Class.forName("java.lang.foreign.MemorySegment").getMethod("toArray", bytes)
                    .invoke(segment, layouts.getField("JAVA_BYTE").get(null));
        } catch (java.lang.reflect.InvocationTargetException e) {
            throw (Exception) e.getCause();
        }
    }
}
