// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;

/** What a native image must be told: the shipped metadata against the classes, the C sources and the resources. */
@DisabledInNativeImage
class ReachabilityMetadataTest {
    private static final String METADATA = "/META-INF/native-image/dev.corral/corral/reachability-metadata.json";
    /** A JNI lookup by name; the name is the last string literal but the signature. */
    private static final Pattern LOOKUP = Pattern.compile(
            "\\b(FindClass|Get(?:Static)?(?:Method|Field)ID)\\s*\\(([^;]*?)\\)\\s*[;,)]", Pattern.DOTALL);
    private static final Pattern LITERAL = Pattern.compile("\"([^\"]*)\"");

    private JsonNode metadata;

    @BeforeEach
    void read() throws IOException {
        try (InputStream in = NativeLibrary.class.getResourceAsStream(METADATA)) {
            assertNotNull(in, "resource=" + METADATA + " is missing");
            metadata = new ObjectMapper().readTree(in);
        }
    }

    private static Path sources() {
        Path jni = Path.of(System.getProperty("corral.basedir", "")).resolve("native/jni").toAbsolutePath();
        assertTrue(Files.isDirectory(jni), "directory=" + jni + " is missing: set -Dcorral.basedir");
        return jni;
    }

    /** Types that C may look up. */
    private Set<String> jniTypes() {
        Set<String> types = new TreeSet<>();
        for (JsonNode entry : metadata.path("reflection")) {
            if (entry.path("jniAccessible").asBoolean()) {
                types.add(entry.path("type").asText());
            }
        }
        return types;
    }

    /** Names of members that C may look up, of whichever type. */
    private Set<String> jniMembers() {
        Set<String> names = new TreeSet<>();
        for (JsonNode entry : metadata.path("reflection")) {
            if (entry.path("jniAccessible").asBoolean()) {
                entry.path("methods").forEach(method -> names.add(method.path("name").asText()));
                entry.path("fields").forEach(field -> names.add(field.path("name").asText()));
            }
        }
        return names;
    }

    @Test
    void everyClassWithNativeMethodsIsNamed() throws Exception {
        Set<String> withNatives = new TreeSet<>();
        LibraryJar.forEach((name, file) -> {
            if (name.startsWith("dev/corral/") && name.endsWith(".class") && !name.startsWith("dev/corral/cli/")) {
                String type = name.substring(0, name.length() - ".class".length()).replace('/', '.');
                if (Arrays.stream(load(type).getDeclaredMethods()).map(Method::getModifiers)
                        .anyMatch(Modifier::isNative)) {
                    withNatives.add(type);
                }
            }
        });
        assertTrue(withNatives.contains(ArenaNatives.class.getName()), "found=" + withNatives);
        Set<String> missing = new TreeSet<>(withNatives);
        missing.removeAll(jniTypes());
        assertEquals(Set.of(), missing, "add {\"type\": ..., \"jniAccessible\": true} to " + METADATA);
    }

    private static Class<?> load(String type) {
        try {
            return Class.forName(type, false, NativeLibrary.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyNamedTypeExists() {
        metadata.path("reflection").forEach(entry -> {
            String type = entry.path("type").asText();
            if (type.startsWith("dev.corral.")) {
                load(type);
            }
        });
    }

    /** What C looks up in {@code source} and the metadata does not name. */
    private List<String> missingIn(String source) {
        List<String> missing = new ArrayList<>();
        Matcher lookup = LOOKUP.matcher(source.replaceAll("(?s)/\\*.*?\\*/", ""));
        while (lookup.find()) {
            List<String> literals = LITERAL.matcher(lookup.group(2)).results().map(found -> found.group(1))
                    .collect(Collectors.toList());
            boolean isClass = lookup.group(1).equals("FindClass");
            Set<String> known = isClass ? jniTypes() : jniMembers();
            String name = literals.isEmpty() ? "<not a literal>" : literals.get(0).replace('/', '.');
            if (!known.contains(name)) {
                missing.add(lookup.group(1) + " " + name);
            }
        }
        return missing;
    }

    @Test
    void everyMemberThatCLooksUpIsNamed() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(sources())) {
            files = found.filter(file -> file.toString().matches(".*\\.[ch]")).sorted().collect(Collectors.toList());
        }
        assertTrue(files.size() >= 4, "files=" + files);
        for (Path file : files) {
            assertEquals(List.of(), missingIn(Files.readString(file)), "name them in " + METADATA + ": file=" + file);
        }
    }

    @Test
    void aLookupWithoutMetadataIsFound() {
        assertEquals(List.of("FindClass java.lang.Unnamed"),
                missingIn("jclass c = (*env)->FindClass(env, \"java/lang/Unnamed\");"));
        assertEquals(List.of("GetMethodID unnamed", "GetStaticFieldID field"), missingIn(
                "m = (*env)->GetMethodID(env, c,\n    \"unnamed\", \"(I)V\");\n"
                        + "if (!(f = (*env)->GetStaticFieldID(env, (*c).x, \"field\", \"I\"))) {"));
        assertEquals(List.of("GetFieldID <not a literal>"), missingIn("(*env)->GetFieldID(env, c, name, type);"));
        assertEquals(List.of(), missingIn("/* FindClass(env, \"a/Comment\"); */ SetLongArrayRegion(env, a, 0, 1, b);"));
    }

    @Test
    void everyLibraryResourceIsMatched() throws IOException {
        List<PathMatcher> globs = new ArrayList<>();
        metadata.path("resources").forEach(entry -> globs.add(FileSystems.getDefault()
                .getPathMatcher("glob:" + entry.path("glob").asText())));
        List<String> resources = new ArrayList<>();
        LibraryJar.forEach((name, file) -> {
            boolean resource = name.startsWith("dev/corral/native/") || name.endsWith(".properties");
            if (resource && name.startsWith("dev/corral/") && !name.startsWith("dev/corral/cli/")) {
                resources.add(name);
            }
        });
        assertTrue(resources.stream().anyMatch(name -> name.endsWith(System.mapLibraryName("corral"))), "" + resources);
        assertEquals(List.of(), resources.stream().filter(name -> globs.stream()
                .noneMatch(glob -> glob.matches(Path.of(name)))).collect(Collectors.toList()));
    }

    @Test
    void theExceptionThatIsMadeByNameIsNamed() {
        List<String> types = new ArrayList<>();
        metadata.path("reflection").forEach(entry -> types.add(entry.path("type").asText()));
        assertTrue(types.contains("java.lang.WrongThreadException"), "Failures looks it up by reflection: " + types);
    }
}
