// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import org.openjdk.jmh.annotations.Fork;

/** {@link Objects} where the Java heap is 25 times as large as what is live: the collector runs seldom. */
@Fork(value = 3, jvmArgsAppend = {"-Xms1g", "-Xmx1g"})
public class ObjectsInLargeHeap extends Objects {
}
