// SPDX-License-Identifier: Apache-2.0
package dev.corral.access;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.corral.internal.DirectMemory;
import java.io.PrintWriter;
import java.util.Arrays;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** A program that runs test classes in a JVM that was started with other options. */
public final class RunTests {
    private RunTests() {
    }

    /** Prints how many tests of the named classes have succeeded and failed, and why. */
    public static void main(String[] classes) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(Arrays.stream(classes).map(name -> selectClass(name)).toList())
                .filters(EngineFilter.includeEngines("junit-jupiter")).build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        summary.printFailuresTo(new PrintWriter(System.out, true));
        System.out.println("memory=" + DirectMemory.isAvailable() + " enough=" + (summary.getTestsSucceededCount()
                >= Integer.getInteger("corral.tests.min")) + " failed=" + summary.getTotalFailureCount());
    }
}
