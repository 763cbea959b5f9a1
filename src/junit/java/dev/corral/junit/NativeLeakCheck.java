// SPDX-License-Identifier: Apache-2.0
package dev.corral.junit;

import dev.corral.LeakDetection;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What {@link NoNativeLeaks} does around each test. */
final class NativeLeakCheck implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(NativeLeakCheck.class);

    /** What was so before the test. */
    private record Before(LeakDetection.Snapshot open, LeakDetection.Level level) {
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Before before = new Before(LeakDetection.snapshot(), LeakDetection.level());
        context.getStore(NAMESPACE).put(context.getUniqueId(), before);
        LeakDetection.level(LeakDetection.Level.ALL); // so that a failure can tell the places
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Before before = context.getStore(NAMESPACE).remove(context.getUniqueId(), Before.class);
        LeakDetection.level(before.level);
        List<LeakDetection.Leak> left = before.open.openedSince();
        if (!left.isEmpty()) {
            AssertionError failure = new AssertionError("this test leaves native memory open, close it: "
                    + left.stream().map(LeakDetection.Leak::what).collect(Collectors.joining("; ")));
            left.stream().filter(leak -> leak.site() != null).forEach(leak -> failure.addSuppressed(leak.site()));
            throw failure;
        }
    }
}
