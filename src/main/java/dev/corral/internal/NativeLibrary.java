// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Finds, loads and verifies the native library, once per class loader. The order:
 * <ol>
 *   <li>the file that {@code -Dcorral.library.path} names, and nothing else when it is set;</li>
 *   <li>the library inside the jar, copied to the first of {@code -Dcorral.tmpdir}, {@code java.io.tmpdir}, the user's
 *       cache directory and the working directory from which it can be loaded (a directory may be read-only or mounted
 *       noexec); the copy is removed once it is loaded;</li>
 *   <li>{@code java.library.path}.</li>
 * </ol>
 * When all fail, the error lists every attempt with its reason.
 */
public final class NativeLibrary {
    private static final String FILE_NAME = System.mapLibraryName("corral");
    private static String location;

    private NativeLibrary() {
    }

    /**
     * Loads the library unless it is loaded already.
     *
     * @return where it was loaded from
     * @throws UnsatisfiedLinkError if it cannot be loaded, or is not the one that these classes were built with
     */
    public static synchronized String load() {
        if (location == null) {
            try {
                String found = locateAndLoad();
                verify(found);
                location = found;
            } catch (IllegalCallerException e) {
                throw nativeAccessDenied(e);
            }
        }
        return location;
    }

    /** A JVM that was told to deny native access refuses every way to load a library. */
    private static UnsatisfiedLinkError nativeAccessDenied(IllegalCallerException cause) {
        Module module = NativeLibrary.class.getModule();
        UnsatisfiedLinkError error = new UnsatisfiedLinkError("cannot load the native library of Corral: platform="
                + platform() + ": native access is denied. Start the JVM with --enable-native-access="
                + (module.isNamed() ? module.getName() : "ALL-UNNAMED"));
        error.initCause(cause);
        return error;
    }

    /** Operating system and processor, as in the name of the resource: {@code linux-x86_64}. */
    public static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String osName = os.startsWith("windows") ? "windows" : os.startsWith("mac") ? "macos" : os.replace(' ', '_');
        String archName = switch (arch) {
            case "amd64", "x86_64" -> "x86_64";
            case "arm64", "aarch64" -> "aarch64";
            default -> arch;
        };
        return osName + "-" + archName;
    }

    private static String locateAndLoad() {
        List<String> attempts = new ArrayList<>();
        String configured = System.getProperty("corral.library.path");
        String found = null;
        if (configured != null) {
            found = tryLoad(Path.of(configured).toAbsolutePath(), "corral.library.path", attempts);
        } else {
            found = tryBundled(attempts);
            if (found == null) {
                found = tryLibraryPath(attempts);
            }
        }
        if (found == null) {
            throw new UnsatisfiedLinkError("cannot load the native library of Corral: platform=" + platform()
                    + " file=" + FILE_NAME + ". Set -Dcorral.library.path=<file>,"
                    + " or -Dcorral.tmpdir=<a directory that is not noexec>. Attempts:"
                    + System.lineSeparator() + "  " + String.join(System.lineSeparator() + "  ", attempts));
        }
        return found;
    }

    private static String tryLoad(Path file, String origin, List<String> attempts) {
        try {
            System.load(file.toString());
            return file.toString();
        } catch (UnsatisfiedLinkError e) {
            attempts.add(origin + ": file=" + file + " reason=" + e.getMessage());
            return null;
        }
    }

    private static String tryLibraryPath(List<String> attempts) {
        try {
            System.loadLibrary("corral");
            return "java.library.path";
        } catch (UnsatisfiedLinkError e) {
            attempts.add("java.library.path: reason=" + e.getMessage());
            return null;
        }
    }

    private static String tryBundled(List<String> attempts) {
        String resource = "/dev/corral/native/" + platform() + "/" + FILE_NAME;
        URL url = NativeLibrary.class.getResource(resource);
        if (url == null) {
            attempts.add("bundled: resource=" + resource + " reason=this jar has no library for the platform");
            return null;
        }
        if ("file".equals(url.getProtocol())) {
            try {
                return tryLoad(Path.of(url.toURI()), "bundled", attempts);
            } catch (URISyntaxException e) {
                attempts.add("bundled: url=" + url + " reason=" + e.getMessage());
                return null;
            }
        }
        for (Path directory : directories()) {
            String found = tryExtract(resource, directory, attempts);
            if (found != null) {
                return found + " (from " + url + ")";
            }
        }
        return null;
    }

    private static List<Path> directories() {
        List<Path> result = new ArrayList<>();
        String configured = System.getProperty("corral.tmpdir");
        if (configured != null) {
            result.add(Path.of(configured));
        }
        result.add(Path.of(System.getProperty("java.io.tmpdir")));
        result.add(Path.of(System.getProperty("user.home"), ".cache"));
        result.add(Path.of(""));
        return result;
    }

    /**
     * Copies the library into a directory of its own, which only this user can write, loads it and removes the copy.
     */
    private static String tryExtract(String resource, Path parent, List<String> attempts) {
        Path directory = null;
        Path file = null;
        try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
            Files.createDirectories(parent.toAbsolutePath());
            directory = Files.createTempDirectory(parent.toAbsolutePath(), "corral-");
            file = directory.resolve(FILE_NAME);
            Files.copy(in, file);
            return tryLoad(file, "bundled", attempts);
        } catch (IOException e) {
            attempts.add("bundled: directory=" + parent.toAbsolutePath() + " reason=" + e);
            return null;
        } finally {
            remove(file);
            remove(directory);
        }
    }

    private static void remove(Path path) {
        try {
            if (path != null) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            path.toFile().deleteOnExit(); // Windows keeps a loaded library locked until the JVM ends
        }
    }

    /** Creates an arena and reads its control block through Java's offsets, before anybody relies on them. */
    private static void verify(String found) {
        int version = LibraryNatives.layoutVersion();
        if (version != ControlBlock.VERSION_VALUE) {
            throw new UnsatisfiedLinkError("library=" + found + " layout=" + version + " expected="
                    + ControlBlock.VERSION_VALUE
                    + ": the library belongs to another version of Corral");
        }
        long pool = PoolNatives.create(PoolFields.of(-1, -1), null);
        if (Failures.isStatus(pool)) {
            throw new UnsatisfiedLinkError("library=" + found + " reason=no memory for a first pool");
        }
        boolean agrees = readsAnArena(pool);
        PoolNatives.destroy(pool);
        if (!agrees) {
            throw new UnsatisfiedLinkError("library=" + found
                    + ": its control block does not have the expected layout");
        }
    }

    private static boolean readsAnArena(long pool) {
        long arena = ArenaNatives.create(pool, ConfigFields.of(64, 64, 16, true), null);
        ByteBuffer block = Failures.isStatus(arena) ? null : PoolNatives.wrap(arena, ControlBlock.SIZE);
        if (block == null) {
            return false;
        }
        block.order(ByteOrder.nativeOrder());
        return block.getInt(ControlBlock.MAGIC) == ControlBlock.MAGIC_VALUE
                && block.get(ControlBlock.VERSION) == ControlBlock.VERSION_VALUE
                && block.getLong(ControlBlock.LIMIT) - block.getLong(ControlBlock.CURSOR) == 64;
    }
}
