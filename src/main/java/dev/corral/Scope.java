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
    private final ArenaScopes arena;
    private final long id;
    private final long latestBefore; // what the arena's latest mark or scope was
    private boolean over;

    Scope(ArenaScopes arena, long id, long latestBefore) {
        this.arena = arena;
        this.id = id;
        this.latestBefore = latestBefore;
    }

    /**
     * Takes back what was allocated since the scope was opened. Does nothing when the scope is over already: closed, or
     * taken back by a reset, clear, rewind or close of its arena, in Java or in C. Marks that were taken since the
     * scope was opened are stale afterwards. Cost: O(1), a JNI call when chunks were entered since.
     *
     * @throws IllegalStateException if an inner scope is still open, this is not the arena's owner's thread, a release
     *                               action is running, or a checked view is being used by an input or output
     *                               operation; the scope is still open then
     */
    @Override
    public void close() {
        if (!over) {
            arena.closeScope(id, latestBefore);
            over = true;
        }
    }
}
