// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/** {@link RequestCycle} by two threads at once. The figure is the time of a request in its thread: even is perfect. */
@State(Scope.Thread)
@Threads(2)
public class RequestCycleTwoThreads extends RequestCycle {
}
