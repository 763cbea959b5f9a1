// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import dev.corral.Corral;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.PoolStats;
import dev.corral.ViewSafety;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code info}: what the library is and where it runs, one fact a line. */
@Command(name = "info", description = "Shows version, platform, native library and default pool.",
        mixinStandardHelpOptions = true, versionProvider = VersionProvider.class)
final class InfoCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    InfoCommand() {
    }

    @Override
    public void run() {
        final TextTable table = new TextTable().leftColumns(2);
        table.row("version", Corral.version());
        table.row("platform", Corral.platform());
        table.row("native library", Corral.libraryPath());
        table.row("page size", bytes(Corral.pageSize()));
        table.row("JDK", Runtime.version() + ", " + System.getProperty("java.vm.name") + ", "
                + System.getProperty("java.home"));
        table.row("view safety", viewSafety().toString());
        pool(table, MemoryPool.shared().stats());
        final PrintWriter out = spec.commandLine().getOut();
        out.print(table);
    }

    private static ViewSafety viewSafety() {
        try (NativeArena arena = NativeArena.create()) {
            return arena.viewSafety();
        }
    }

    private static void pool(final TextTable table, final PoolStats stats) {
        table.row("default pool", "");
        table.row("  reserved", bytes(stats.reserved()));
        table.row("  in use", bytes(stats.inUse()));
        table.row("  free", bytes(stats.freeBytes()));
        table.row("  metadata", bytes(stats.metadata()));
        table.row("  peak in use", bytes(stats.peakInUse()));
        table.row("  live blocks", Numbers.whole(stats.liveBlocks()));
        table.row("  open arenas", Numbers.whole(stats.openArenas()));
        table.row("  limit", stats.limit() == Long.MAX_VALUE ? "none" : bytes(stats.limit()));
    }

    private static String bytes(final long count) {
        return Numbers.whole(count) + " bytes";
    }
}
