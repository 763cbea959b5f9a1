// SPDX-License-Identifier: Apache-2.0

/** Native memory arenas. Grant it native access: {@code --enable-native-access=dev.corral}. */
module dev.corral {
    exports dev.corral;
    requires jdk.unsupported; // sun.misc.Unsafe, for JDK 17 to 21
}
