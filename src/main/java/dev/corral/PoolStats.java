// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * What a pool held when {@link MemoryPool#stats()} was called. Always {@code reserved == inUse + freeBytes + metadata}.
 * Arenas' chunks are among the blocks; their control blocks are metadata.
 *
 * @param reserved      bytes from the operating system
 * @param inUse         usable bytes of live blocks
 * @param freeBytes     bytes that are reserved but in no live block
 * @param metadata      bytes of the pool's own bookkeeping
 * @param peakInUse     the largest {@code inUse} so far
 * @param peakReserved  the largest {@code reserved} so far
 * @param liveBlocks    blocks handed out and not taken back
 * @param allocations   blocks handed out so far
 * @param frees         blocks taken back so far
 * @param failures      requests that were not served
 * @param refusedFrees  frees that were refused: of foreign memory, or for the second time
 * @param regions       regions reserved from the operating system
 * @param pinnedRegions regions that stay mapped because a view of them may be reachable
 * @param pinnedBytes   their size in bytes
 * @param retained      bytes of blocks and chunks that were given back while a view of them may be reachable: they stay
 *                      mapped, or in quarantine as they are
 * @param limit         bytes that live blocks may have together; {@link Long#MAX_VALUE} when there is no limit
 * @param openArenas    arenas that have not been closed
 * @param droppedArenas arenas that became unreachable without being closed, so far
 */
public record PoolStats(long reserved, long inUse, long freeBytes, long metadata, long peakInUse, long peakReserved,
                        long liveBlocks, long allocations, long frees, long failures, long refusedFrees, long regions,
                        long pinnedRegions, long pinnedBytes, long retained, long limit, long openArenas,
                        long droppedArenas) {
    /** Longs that the native struct fills. */
    static final int NATIVE_LONGS = 16;

    /** The native values; C knows only of what is {@code retained} in quarantine. */
    static PoolStats of(long[] v, long retained, long openArenas, long droppedArenas) {
        long limit = v[14] < 0 ? Long.MAX_VALUE : v[14];
        return new PoolStats(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12], v[13],
                v[15] + retained, limit, openArenas, droppedArenas);
    }

    /** All values in one line. */
    @Override
    public String toString() {
        return "reserved=" + reserved + " inUse=" + inUse + " freeBytes=" + freeBytes + " metadata=" + metadata
                + " peakInUse=" + peakInUse + " peakReserved=" + peakReserved + " liveBlocks=" + liveBlocks
                + " allocations=" + allocations + " frees=" + frees + " failures=" + failures
                + " refusedFrees=" + refusedFrees + " regions=" + regions + " pinnedRegions=" + pinnedRegions
                + " pinnedBytes=" + pinnedBytes + " retained=" + retained
                + " limit=" + (limit == Long.MAX_VALUE ? "none" : limit)
                + " openArenas=" + openArenas + " droppedArenas=" + droppedArenas;
    }
}
