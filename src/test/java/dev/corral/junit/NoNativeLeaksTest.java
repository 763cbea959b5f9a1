// SPDX-License-Identifier: Apache-2.0
package dev.corral.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.LeakDetection;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The extension that fails a test, called as JUnit calls it. */
@DisabledInNativeImage // makes proxies
class NoNativeLeaksTest {
    private final NativeLeakCheck check = new NativeLeakCheck();
    private final Map<Object, Object> stored = new HashMap<>();
    private final ExtensionContext context = context();

    private ExtensionContext context() {
        ExtensionContext.Store store = (ExtensionContext.Store) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {ExtensionContext.Store.class}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "put" -> stored.put(arguments[0], arguments[1]);
                    case "remove" -> stored.remove(arguments[0]);
                    default -> throw new UnsupportedOperationException(method.toString());
                });
        return (ExtensionContext) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {ExtensionContext.class}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "getStore" -> store;
                    case "getUniqueId" -> "test";
                    default -> throw new UnsupportedOperationException(method.toString());
                });
    }

    private AssertionError failure() {
        return assertThrows(AssertionError.class, () -> check.afterEach(context));
    }

    @Test
    void theAnnotationBringsTheCheck() {
        assertSame(NativeLeakCheck.class, NoNativeLeaks.class.getAnnotation(ExtendWith.class).value()[0]);
    }

    @Test
    void whatIsClosedIsNoLeak() {
        try (MemoryPool before = MemoryPool.create()) {
            check.beforeEach(context);
            try (NativeArena arena = NativeArena.create()) {
                arena.allocate(16);
            }
            before.free(before.allocate(16));
            check.afterEach(context);
        }
    }

    @Test
    void anOpenArenaIsNamedWithThePlaceOfItsCreation() {
        check.beforeEach(context);
        try (NativeArena arena = NativeArena.builder().name("forgotten").build()) {
            AssertionError failure = failure();
            assertEquals("this test leaves native memory open, close it: arena=forgotten pool=shared owner="
                    + Thread.currentThread().getName(), failure.getMessage());
            assertEquals(1, failure.getSuppressed().length);
            assertTrue(java.util.Arrays.stream(failure.getSuppressed()[0].getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().startsWith("anOpenArenaIsNamed")));
            assertEquals("forgotten", arena.name());
        }
    }

    @Test
    void anOpenPoolAndALiveBlockAreNamed() {
        try (MemoryPool before = MemoryPool.builder().name("before").build()) {
            check.beforeEach(context);
            ByteBuffer block = before.allocate(100);
            assertEquals("this test leaves native memory open, close it: block bytes=100 pool=before",
                    failure().getMessage());
            check.beforeEach(context);
            try (MemoryPool pool = MemoryPool.builder().name("later").build()) {
                assertEquals("this test leaves native memory open, close it: pool=" + pool.name(),
                        failure().getMessage());
            }
            before.free(block);
        }
    }

    @Test
    void aDroppedArenaIsALeakUntilItIsFound() {
        check.beforeEach(context);
        try (MemoryPool pool = MemoryPool.builder().name("own").build()) {
            NativeArena.builder().pool(pool).name("dropped").build();
            assertTrue(failure().getMessage().contains("arena=dropped pool=own"));
        }
    }

    @Test
    void theLevelOfReportsIsAsBefore() {
        LeakDetection.Level before = LeakDetection.level();
        check.beforeEach(context);
        assertEquals(LeakDetection.Level.ALL, LeakDetection.level());
        check.afterEach(context);
        assertEquals(before, LeakDetection.level());
    }

    /** All of ours that make arenas or pools; this one leaks on purpose. */
    @Test
    void ourOwnTestsUseIt() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("corral.basedir"), "src", "test", "java"))) {
            List<Path> without = files.filter(file -> file.toString().endsWith("Test.java"))
                    .filter(file -> !file.endsWith("NoNativeLeaksTest.java"))
                    .filter(file -> contains(file, "(NativeArena|MemoryPool)\\.(create|builder)\\("))
                    .filter(file -> !contains(file, "@NoNativeLeaks")).collect(Collectors.toList());
            assertEquals(List.of(), without);
        }
    }

    private static boolean contains(Path file, String pattern) {
        try {
            return Pattern.compile(pattern).matcher(Files.readString(file)).find();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
