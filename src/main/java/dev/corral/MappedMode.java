// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * How a {@link MappedArena} gets at the bytes of its file.
 *
 * <table>
 * <caption>What each gives</caption>
 * <tr><th></th><th>{@link #SHARED}</th><th>{@link #LOADED}</th></tr>
 * <tr><td>memory</td><td>the file's own pages, one copy for all processes</td><td>a copy for this process</td></tr>
 * <tr><td>the file is truncated</td><td>reads of lost pages throw</td><td>no effect</td></tr>
 * <tr><td>the file is overwritten</td><td>the new bytes are read</td><td>no effect</td></tr>
 * <tr><td>a read of a number</td><td>several times that of a loaded file</td><td>a few nanoseconds</td></tr>
 * <tr><td>a view</td><td>a read-only copy</td><td>read-only, over the memory itself</td></tr>
 * </table>
 *
 * <p>Neither lets a JVM crash, whatever is done to the file.
 */
public enum MappedMode {
    /** The file is mapped: its pages are shared with all processes that have it open. */
    SHARED,
    /** The file is read into memory of this process. */
    LOADED
}
