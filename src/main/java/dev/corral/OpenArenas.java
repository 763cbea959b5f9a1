// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** The open arenas of a pool, newest first. Guarded by the pool's lock. */
final class OpenArenas implements Iterable<ArenaState> {
    private ArenaState first;
    private long count;

    void add(ArenaState state) {
        state.next = first;
        if (first != null) {
            first.previous = state;
        }
        first = state;
        count++;
    }

    /** Takes an arena out; false when it is not open any more. */
    boolean remove(ArenaState state) {
        if (!state.open) {
            return false;
        }
        state.open = false;
        count--;
        if (state.previous == null) {
            first = state.next;
        } else {
            state.previous.next = state.next;
        }
        if (state.next != null) {
            state.next.previous = state.previous;
        }
        state.next = null;
        state.previous = null;
        return true;
    }

    void clear() {
        first = null;
    }

    long count() {
        return count;
    }

    @Override
    public Iterator<ArenaState> iterator() {
        return new Iterator<>() {
            private ArenaState next = first;

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public ArenaState next() {
                ArenaState result = next;
                if (result == null) {
                    throw new NoSuchElementException();
                }
                next = result.next;
                return result;
            }
        };
    }
}
