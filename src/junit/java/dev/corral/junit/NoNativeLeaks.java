// SPDX-License-Identifier: Apache-2.0
package dev.corral.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fails a test that leaves arenas, pools or single blocks open that were created while it ran, and shows where. At a
 * class: each of its tests. What {@code @AfterEach} methods close is closed in time. Tests that run at the same time in
 * one JVM would see each other's arenas: run such tests one after the other.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NativeLeakCheck.class)
public @interface NoNativeLeaks {
}
