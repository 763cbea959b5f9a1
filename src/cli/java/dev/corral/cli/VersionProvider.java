// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import dev.corral.Corral;
import picocli.CommandLine.IVersionProvider;

/** Answers {@code --version}. */
final class VersionProvider implements IVersionProvider {
    VersionProvider() {
    }

    @Override
    public String[] getVersion() {
        return new String[] {"corral-cli " + Corral.version()};
    }
}
