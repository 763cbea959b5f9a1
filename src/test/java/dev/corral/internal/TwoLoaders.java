// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;

/** Main class of a child: loads the library's classes, and so its native half, twice in one process. */
final class TwoLoaders {
    private TwoLoaders() {
    }

    public static void main(String[] args) throws Exception {
        List<URL> path = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            path.add(new File(entry).toURI().toURL());
        }
        for (int i = 0; i < 2; i++) {
            try (URLClassLoader loader = new URLClassLoader(path.toArray(new URL[0]), null)) {
                Class<?> corral = loader.loadClass("dev.corral.Corral");
                System.out.println("loaded=" + corral.getMethod("libraryPath").invoke(null));
                System.out.println("pageSize=" + corral.getMethod("pageSize").invoke(null));
            }
        }
    }
}
