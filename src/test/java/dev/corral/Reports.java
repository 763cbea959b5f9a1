// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/** What the library reports through its logger, kept instead of printed. */
final class Reports extends Handler {
    /** A strong reference: the log manager's own is weak. */
    private static final Logger LOGGER = Logger.getLogger("dev.corral");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    void attach() {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(this);
    }

    void detach() {
        LOGGER.removeHandler(this);
        LOGGER.setUseParentHandlers(true);
    }

    /** The records whose message contains {@code text}. */
    List<LogRecord> naming(String text) {
        return records.stream().filter(each -> each.getMessage().contains(text)).collect(Collectors.toList());
    }

    List<String> all() {
        return records.stream().map(LogRecord::getMessage).collect(Collectors.toList());
    }

    /** How a stack frame of a method starts. */
    static String frame(Class<?> type, String method) {
        return type.getName() + "." + method + "(";
    }

    @Override
    public void publish(LogRecord each) {
        records.add(each);
    }

    @Override
    public void flush() {
        // nothing is buffered
    }

    @Override
    public void close() {
        // nothing to release
    }
}
