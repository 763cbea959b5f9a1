// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/** {@link RequestCycleFfm} by two threads at once. */
@State(Scope.Thread)
@Threads(2)
public class RequestCycleTwoThreadsFfm extends RequestCycleFfm {
}
