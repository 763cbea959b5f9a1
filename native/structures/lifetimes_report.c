/* SPDX-License-Identifier: Apache-2.0
 * lifetimes_report.c - what has been allocated for how long, as numbers and as a table of at most 80 columns.
 * Layer: structures. May include: arena/, base/. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "structures/lifetimes_parts.h"

#define LINE_MAX 128

CorralStatus lifetimes_stats(const Lifetimes *lifetimes, LifetimesStats *stats) {
    if (stats == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    memset(stats, 0, sizeof *stats);
    if (!lifetimes_are_valid(lifetimes)) {
        return CORRAL_INVALID_ARENA;
    }
    UnitNote present = lifetimes_note_unit(lifetimes);
    *stats = (LifetimesStats){
        .process = {arena_allocation_count(lifetimes->process), arena_total_used(lifetimes->process)},
        .unit = {lifetimes->ended_units.allocations + present.allocations, lifetimes->ended_units.bytes + present.used},
        .unknown = lifetimes->unknown,
        .freed = lifetimes->freed,
        .process_allocated = arena_total_allocated(lifetimes->process),
        .unit_allocated = arena_total_allocated(lifetimes->unit),
        .units = lifetimes->units,
        .last_unit = lifetimes->last_unit,
        .peak_unit = present.peak > lifetimes->peak_unit ? present.peak : lifetimes->peak_unit,
        .strings = lifetimes->strings.count,
        .found = lifetimes->strings.found,
        .kinds = lifetimes->kind_count,
    };
    return CORRAL_OK;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* Where the table goes: `out`, or as much as fits into `text`. */
typedef struct Sink {
    FILE *out;
    char *text;
    size_t room;
    size_t length; /* written so far, what did not fit included */
} Sink;

static void put_line(Sink *sink, const char *format, ...) ARENA_PRINTF(2, 3);

static void put_line(Sink *sink, const char *format, ...) {
    char line[LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    assert(0 <= length && (size_t)length < sizeof line);
    if (sink->out != NULL) {
        fwrite(line, 1, (size_t)length, sink->out);
    } else if (sink->length + 1 < sink->room) {
        size_t left = sink->room - 1 - sink->length;
        memcpy(sink->text + sink->length, line, (size_t)length < left ? (size_t)length : left);
    }
    sink->length += (size_t)length;
}

/* A name for the table: bytes that a terminal would act upon, and what is no UTF-8 (of a cut name), are '?'. */
static const char *printable(const char *name, char *copy) {
    size_t length = 0;
    for (const unsigned char *at = (const unsigned char *)name; *at != 0; length++) {
        size_t more = *at >= 0xF0 ? 3 : *at >= 0xE0 ? 2 : *at >= 0xC0 ? 1 : 0;
        bool shown = *at >= 0x80 ? more != 0 : *at >= 0x20 && *at != 0x7F;
        for (size_t i = 1; i <= more && shown; i++) {
            shown = (at[i] & 0xC0) == 0x80;
        }
        bool control = more == 1 && *at == 0xC2 && at[1] < 0xA0; /* U+0080 to U+009F */
        if (shown && !control) {
            memcpy(copy + length, at, more + 1);
            length += more;
            at += more + 1;
        } else {
            copy[length] = '?';
            at += control && shown ? 2 : 1;
        }
    }
    copy[length] = '\0';
    return copy;
}

static void put_lifetime(Sink *sink, const char *label, const LifetimeCount *count, uint64_t allocated) {
    put_line(sink, "  %-10s %15" PRIu64 " %20" PRIu64 " %20" PRIu64 "\n", label, count->allocations, count->bytes,
             allocated);
}

static void put_number(Sink *sink, const char *label, uint64_t value, const char *unit) {
    put_line(sink, "  %-26s %20" PRIu64 "%s\n", label, value, unit);
}

static void put_kind(Sink *sink, const LifetimeKind *kind) {
    static const char *const lifetimes[] = {"process", "unit", "unknown"};
    char name[LIFETIMES_KIND_NAME_MAX + 1];
    for (size_t lifetime = 0; lifetime < LIFETIMES_COUNT; lifetime++) {
        const LifetimeCount *count = &kind->count[lifetime];
        if (count->allocations != 0) {
            put_line(sink, "  %-23s %-8s %18" PRIu64 " %20" PRIu64 "\n", printable(kind->name, name),
                     lifetimes[lifetime], count->allocations, count->bytes);
        }
    }
}

static void put_table(Sink *sink, const Lifetimes *lifetimes, const LifetimesStats *stats) {
    char name[ARENA_NAME_MAX + 1];
    put_line(sink, "lifetimes %s\n", printable(lifetimes->name, name));
    put_line(sink, "  %-10s %15s %20s %20s\n", "lifetime", "allocations", "bytes", "bytes of chunks");
    put_lifetime(sink, "process", &stats->process, stats->process_allocated);
    put_lifetime(sink, "unit", &stats->unit, stats->unit_allocated);
    put_line(sink, "  %-10s %15" PRIu64 " %20" PRIu64 " %20s\n", "unknown", stats->unknown.allocations,
             stats->unknown.bytes, "-");
    put_number(sink, "unknown that were freed", stats->freed, "");
    put_number(sink, "units ended", stats->units, "");
    put_number(sink, "peak use of the last unit", stats->last_unit, " bytes");
    put_number(sink, "peak use of any unit", stats->peak_unit, " bytes");
    put_number(sink, "strings", stats->strings, "");
    put_number(sink, "strings found again", stats->found, "");
    if (lifetimes->kind_count != 0) {
        put_line(sink, "  %-23s %-8s %18s %20s\n", "kind", "lifetime", "allocations", "bytes");
    }
    for (uint32_t kind = 0; kind < lifetimes->kind_count; kind++) {
        put_kind(sink, &lifetimes->kinds[kind]);
    }
}

static_assert(LINE_MAX * (12 + LIFETIMES_KINDS_MAX * LIFETIMES_COUNT) < LIFETIMES_TABLE_MAX,
              "a line for each lifetime of each kind fits");

CorralStatus lifetimes_print(const Lifetimes *lifetimes, FILE *out) {
    LifetimesStats stats;
    if (out == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    CorralStatus status = lifetimes_stats(lifetimes, &stats);
    if (status == CORRAL_OK) {
        Sink sink = {.out = out};
        put_table(&sink, lifetimes, &stats);
    }
    return status;
}

size_t lifetimes_text(const Lifetimes *lifetimes, char *text, size_t room) {
    Sink sink = {.text = text, .room = text != NULL ? room : 0};
    LifetimesStats stats;
    if (lifetimes_stats(lifetimes, &stats) == CORRAL_OK) {
        put_table(&sink, lifetimes, &stats);
    }
    if (sink.room != 0) {
        text[sink.length < sink.room ? sink.length : sink.room - 1] = '\0';
    }
    return sink.length;
}
