// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.cli.json.EventRecorder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.List;

/** The three kinds of trees, side by side, for tests that must hold for each. */
final class Trees implements AutoCloseable {
    private final JsonTree arena = NativeTree.inArena(NativeArena.create());
    private final JsonTree blocks = NativeTree.inBlocks(MemoryPool.create());
    private final JsonTree objects = new ObjectTree();

    List<JsonTree> all() {
        return List.of(arena, blocks, objects);
    }

    JsonTree arena() {
        return arena;
    }

    static List<String> events(final JsonTree tree) {
        final EventRecorder recorder = new EventRecorder();
        tree.replay(recorder);
        return recorder.events();
    }

    static byte[] text(final JsonTree tree) throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        tree.format().writeTo(Channels.newChannel(bytes));
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        all().forEach(JsonTree::close);
    }
}
