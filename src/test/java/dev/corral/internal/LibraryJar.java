// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import dev.corral.ChildJvm;
import dev.corral.Corral;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** The library as a jar: the packaged one when the tests run against it, else one built from the classes directory. */
final class LibraryJar {
    /** What becomes of the native libraries. */
    enum Natives { KEPT, BROKEN, ABSENT }

    private LibraryJar() {
    }

    /** Files of the library under their names in a jar. */
    interface Visitor {
        void visit(String name, Path file) throws IOException;
    }

    /** Shows every file of the library, wherever this JVM has it from. */
    static void forEach(Visitor visitor) throws IOException {
        Path location = ChildJvm.locationOf(Corral.class);
        if (Files.isDirectory(location)) {
            forEach(location, visitor);
            return;
        }
        try (FileSystem jar = FileSystems.newFileSystem(location, (ClassLoader) null)) {
            forEach(jar.getPath("/"), visitor);
        }
    }

    private static void forEach(Path root, Visitor visitor) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(root)) {
            files = walk.filter(Files::isRegularFile).sorted().collect(Collectors.toList());
        }
        for (Path file : files) {
            visitor.visit(root.relativize(file).toString().replace('\\', '/'), file);
        }
    }

    /** Writes the library as a jar without the command line. */
    static Path write(Path jar, Natives natives) throws IOException {
        return write(jar, natives, true);
    }

    /** Writes it as one whose layers no JDK sees, as if it were put together by a tool that forgets them. */
    static Path writeUnversioned(Path jar) throws IOException {
        return write(jar, Natives.KEPT, false);
    }

    private static Path write(Path jar, Natives natives, boolean versioned) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MULTI_RELEASE, Boolean.toString(versioned));
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            forEach((name, file) -> {
                boolean isNative = name.startsWith("dev/corral/native/");
                if (name.startsWith("dev/corral/cli/") || name.equals("META-INF/MANIFEST.MF")
                        || isNative && natives == Natives.ABSENT) {
                    return;
                }
                out.putNextEntry(new ZipEntry(name));
                boolean isBroken = isNative && natives == Natives.BROKEN;
                out.write(isBroken ? "not a library".getBytes() : Files.readAllBytes(file));
                out.closeEntry();
            });
        }
        return jar;
    }
}
