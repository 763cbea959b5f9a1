// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * Blocks that die together before their arena does: what is allocated between {@link NativeArena#openScope} and
 * {@link #close} is taken back by close. Scopes nest; the inner one is closed first.
 *
 * {@snippet :
 * try (Scope scope = arena.openScope()) {
 *     long scratch = arena.allocateRef(1024);
 * }
 * }
 */
public final class Scope implements AutoCloseable {
    final long id;
    final Scope outer;
    boolean over;
    private final ArenaEpochs arena;

    Scope(ArenaEpochs arena, long id, Scope outer) {
        this.arena = arena;
        this.id = id;
        this.outer = outer;
    }

    /**
     * Takes back what was allocated since the scope was opened. Does nothing when the scope is over already: closed, or
     * taken back by a reset, clear, rewind or close of its arena, in Java or in C. Marks that were taken since the
     * scope was opened are stale afterwards. Cost: O(1), a JNI call.
     *
     * @throws IllegalStateException if an inner scope is still open, or this is not the arena's owner's thread; nothing
     *                               changed
     */
    @Override
    public void close() {
        if (!over && !arena.isClosed()) {
            arena.closeScope(this);
            over = true;
        }
    }
}
