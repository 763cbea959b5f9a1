// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.cli.json.JsonHandler;

/**
 * A tree whose nodes lie in native memory, laid out as {@link NodeDescriptor} says. On the Java heap it keeps a few
 * arrays that are reused, so a document makes no garbage here.
 */
public final class NativeTree extends JsonTree {
    private final NodeMemory memory;
    private final NativeTreeBuilder builder;
    private final NativeTreeReader reader;
    private long root;

    private NativeTree(final NodeMemory memory) {
        this.memory = memory;
        builder = new NativeTreeBuilder(memory);
        reader = new NativeTreeReader(memory);
    }

    /**
     * A tree of refs inside one arena.
     *
     * @param arena holds the nodes and the text; closed with the tree
     * @return an empty tree
     */
    public static NativeTree inArena(final NativeArena arena) {
        return new NativeTree(new ArenaMemory(arena));
    }

    /**
     * A tree of blocks that are allocated and freed one by one.
     *
     * @param pool supplies the blocks; closed with the tree
     * @return an empty tree
     */
    public static NativeTree inBlocks(final MemoryPool pool) {
        return new NativeTree(new BlockMemory(pool));
    }

    @Override
    JsonHandler startDocument() {
        builder.start();
        return builder;
    }

    @Override
    void finishDocument() {
        root = builder.finish();
    }

    @Override
    JsonText newText() {
        return new NativeText(memory);
    }

    @Override
    public void replay(final JsonHandler handler) {
        reader.replay(root, handler);
    }

    @Override
    public void release() {
        root = 0;
        memory.release();
    }

    @Override
    public void close() {
        memory.close();
    }
}
