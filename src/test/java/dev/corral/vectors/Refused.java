// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.ArenaExhaustedException;
import dev.corral.MemoryDamageException;
import dev.corral.internal.Status;
import java.io.UncheckedIOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An operation failed, with the status of a native method or of the exception that Java made of it. */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Pattern STATUS = Pattern.compile("status=([A-Z_]+)");

    final String status;

    Refused(String status) {
        super(status, null, false, false);
        this.status = status;
    }

    Refused(int status) {
        this(Status.name(status));
    }

    /** The status that an exception of the public API stands for; null when it stands for none. */
    static String statusOf(RuntimeException failure) {
        if (failure instanceof Refused refused) {
            return refused.status;
        }
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof MemoryDamageException) {
            return Status.name(Status.DAMAGED);
        }
        Matcher named = STATUS.matcher(message);
        boolean ours = failure instanceof ArenaExhaustedException || failure instanceof IllegalStateException
                || failure instanceof IllegalArgumentException || failure instanceof UncheckedIOException;
        if (ours && named.find()) {
            return named.group(1);
        }
        if (failure instanceof IllegalStateException && message.contains("the arena is closed")) {
            return Status.name(Status.INVALID_ARENA);
        }
        return failure instanceof IllegalArgumentException ? Status.name(Status.INVALID_ARGUMENT) : null;
    }
}
