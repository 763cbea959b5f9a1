// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** An operation that runs out of Java heap half way leaves nothing behind that a later one trusts. */
@DisabledInNativeImage
class OutOfHeapTest {
    @TempDir
    Path directory;

    private ChildJvm.Result run(String what) throws Exception {
        return new ChildJvm(directory).with("-Xmx24m", "-XX:+UseSerialGC", "-Dcorral.leaks=off")
                .run(RunOutOfHeap.class, what).succeeded();
    }

    @Test
    void anAccessThatRunsOutOfHeapLeavesNoAddress() throws Exception {
        ChildJvm.Result result = run("access");
        assertEquals(List.of("then read=1a57"), result.lines("then "), result.output());
    }

    @Test
    void aCreateThatRunsOutOfHeapLeavesNoOwner() throws Exception {
        ChildJvm.Result result = run("create");
        assertEquals(List.of("refused=true own=true open=2"), result.lines("refused="), result.output());
    }

    @Test
    void aCloseThatRunsOutOfHeapLeavesOneOwner() throws Exception {
        ChildJvm.Result result = run("close");
        assertFalse(result.lines("shared=false").isEmpty(), result.output());
    }

    @EnabledOnOs(OS.LINUX)
    @Test
    void anOpenThatRunsOutOfHeapLeavesNoFile() throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).within(300).with("-Xmx10m", "-XX:+UseSerialGC", "-Xint")
                .run(RunOutOfHeap.class, "open", directory.toRealPath().resolve("words.arena").toString()).succeeded();
        assertEquals(List.of("refused=true left=0"), result.lines("refused="), result.output());
    }

    /** Each operation that needs heap at all has met the end of it, and none was the worse for it. */
    @Test
    void noOperationThatRunsOutOfHeapLeavesDamage() throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).within(300)
                .with("-Xmx10m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dcorral.leaks=off")
                .run(HeapEdge.class).succeeded();
        assertEquals(List.of("done"), result.lines("done"), result.output());
        assertEquals(List.of(), result.lines(" never "), result.output());
        assertFalse(result.lines(" sometimes ").isEmpty(), result.output());
    }
}
