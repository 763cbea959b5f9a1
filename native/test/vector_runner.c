/* SPDX-License-Identifier: Apache-2.0
 * vector_runner.c - runs the test vectors that C and Java share; src/test/resources/vectors/README.md has the grammar.
 *
 *     vector_runner DIRECTORY [--poison] [--zeroed] [--observed] [--debug] [--oom] [name ...]
 *
 *   (plain)    open window, fast path
 *   --poison   closed window: every allocation takes the slow path; the same expectations hold
 *   --debug    every arena is in debug mode: places and statistics are not compared, all else is, and nothing may be
 *              reported but what the vector has damaged
 *   --zeroed   every arena is zeroed; the same expectations hold
 *   --observed every arena has an observer, which has to be told of what happens
 *   --oom      each vector reruns with its n-th page request failing, n = 1, 2, ... until a run needs fewer: first with
 *              only that request failing (the operation is repeated and must bring what the vector says), then with all
 *              later ones failing too
 *
 * A vector that INDEX does not list, a name without a file, an unknown line, or nothing to run: exit code 1. */
#define _POSIX_C_SOURCE 200809L /* dirent.h */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"
#include "vectors/run.h"

#define VECTORS_MAX 1000
#define VECTOR_LINES_MAX 40
#define NAME_LENGTH_MAX 80
#define RUNS_MAX 10000 /* of one vector: more means that each run asks for more pages than the one before */

typedef struct Vector {
    char name[NAME_LENGTH_MAX + 1];
    char lines[VECTOR_LINES_MAX][LINE_SOURCE_MAX + 1];
    int line_count;
} Vector;

typedef struct Options {
    const char *directory;
    bool poison;
    bool zeroed;
    bool debug;
    bool observed;
    bool oom;
    char **names; /* those to run; NULL: all */
    int name_count;
} Options;

typedef struct Totals {
    size_t vectors;
    size_t operations;
    size_t runs;
    size_t failed;
} Totals;

/* --- files -------------------------------------------------------------------------------------------------------- */

static FILE *open_file(const char *directory, const char *name, const char *suffix) {
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s%s", directory, name, suffix);
    return length > 0 && (size_t)length < sizeof path ? fopen(path, "r") : NULL;
}

/* Reads a line without its end. False at the end of the file; *complete is false when the line was too long. */
static bool read_line(FILE *file, char *line, size_t room, bool *complete) {
    if (fgets(line, (int)room, file) == NULL) {
        return false;
    }
    size_t length = strcspn(line, "\n");
    *complete = line[length] == '\n' || feof(file);
    line[length] = '\0';
    return true;
}

static bool is_listed(char names[][NAME_LENGTH_MAX + 1], size_t count, const char *name, size_t length) {
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Reads the names in INDEX; the count, or 0 after saying what is wrong. */
static size_t read_index(const char *directory, char names[][NAME_LENGTH_MAX + 1]) {
    FILE *file = open_file(directory, "INDEX", "");
    if (file == NULL) {
        printf("%s/INDEX cannot be read\n", directory);
        return 0;
    }
    size_t count = 0;
    char line[LINE_SOURCE_MAX + 1];
    bool right = true, complete;
    while (right && read_line(file, line, sizeof line, &complete)) {
        if (line[0] == '\0' || line[0] == '#') {
            continue;
        }
        size_t length = strlen(line);
        right = complete && length <= NAME_LENGTH_MAX && count < VECTORS_MAX && !is_listed(names, count, line, length);
        if (right) {
            strcpy(names[count++], line);
        } else {
            printf("%s/INDEX: listed twice, too long or too many: %s\n", directory, line);
        }
    }
    fclose(file);
    return right ? count : 0;
}

/* Every file of the directory is INDEX, README.md or a listed vector. */
static bool directory_matches(const char *directory, char names[][NAME_LENGTH_MAX + 1], size_t count) {
    DIR *files = opendir(directory);
    if (files == NULL) {
        printf("%s cannot be listed\n", directory);
        return false;
    }
    bool matches = true;
    for (const struct dirent *file; (file = readdir(files)) != NULL;) {
        const char *name = file->d_name;
        size_t length = strlen(name);
        bool other = name[0] == '.' || strcmp(name, "INDEX") == 0 || strcmp(name, "README.md") == 0;
        bool vector = length > 4 && strcmp(name + length - 4, ".vec") == 0;
        if (!other && !(vector && is_listed(names, count, name, length - 4))) {
            printf("%s/%s: %s\n", directory, name, vector ? "not listed in INDEX" : "not a vector");
            matches = false;
        }
    }
    closedir(files);
    return matches;
}

static bool header_is_right(const Vector *vector) {
    char start[NAME_LENGTH_MAX + 16];
    snprintf(start, sizeof start, "# v1 %s: ", vector->name);
    return vector->line_count > 1 && strncmp(vector->lines[0], start, strlen(start)) == 0;
}

static bool vector_read(const char *directory, Vector *vector) {
    FILE *file = open_file(directory, vector->name, ".vec");
    if (file == NULL) {
        printf("%s.vec: listed in INDEX, but cannot be read\n", vector->name);
        return false;
    }
    vector->line_count = 0;
    char line[LINE_SOURCE_MAX + 1];
    bool complete = true;
    while (complete && read_line(file, line, sizeof line, &complete)) {
        complete = complete && vector->line_count < VECTOR_LINES_MAX;
        if (complete) {
            strcpy(vector->lines[vector->line_count++], line);
        }
    }
    fclose(file);
    if (!complete) {
        printf("%s.vec: more than %d lines, or a line of more than %d bytes\n", vector->name, VECTOR_LINES_MAX,
               LINE_SOURCE_MAX);
    } else if (!header_is_right(vector)) {
        printf("%s.vec:1: expected \"# v1 %s: what it shows\" and operations\n", vector->name, vector->name);
    }
    return complete && header_is_right(vector);
}

/* --- running ------------------------------------------------------------------------------------------------------ */

static void run_again(Run *run, const Vector *vector, int at, const Line *line);

static void run_source(Run *run, const Vector *vector, int at) {
    static Line line; /* too large for the stack */
    run->line_number = at + 1;
    run->source = vector->lines[at];
    if (!line_parse(&line, run->source)) {
        run_fail(run, "%s", line.error);
    } else if (line.count != 0 && strcmp(line.words[0].text, "again") == 0) {
        run_again(run, vector, at, &line);
    } else if (line.count != 0) {
        run_line(run, &line);
    }
}

/* The lines before this one, so many of them, so often; none of them is an `again` itself. */
static void run_again(Run *run, const Vector *vector, int at, const Line *line) {
    uint64_t lines = 0, times = 0;
    bool right = line->count == 3 && line->arrow == 3 && parse_u64(line->words[1].text, &lines) &&
                 parse_u64(line->words[2].text, &times);
    if (!right || lines < 1 || lines > (uint64_t)at || run->again) {
        run_fail(run, "again is followed by a number of lines and how often");
        return;
    }
    run->again = true;
    for (; times > 0; times--) {
        for (int i = at - (int)lines; i < at && !run->failed; i++) {
            run_source(run, vector, i);
        }
    }
    run->again = false;
    run_audit(run);
}

static void run_lines(Run *run, const Vector *vector) {
    for (int i = 0; i < vector->line_count && !run->failed; i++) {
        run_source(run, vector, i);
    }
    run_finish(run);
    if (run->operations == 0 && run->mode == FAIL_NEVER) {
        run_fail(run, "no operation");
    }
}

/* One run. True when it did not fail; *more tells whether page request n was reached. */
static bool run_vector(const Vector *vector, const Options *options, FailureMode mode, size_t n, Totals *totals,
                       bool *more) {
    Run run = {.vector = vector->name,
               .poison = options->poison,
               .zeroed = options->zeroed,
               .observed = options->observed,
               .mode = mode};
    run.debug = run.derailed = options->debug;
    fake_pages_open(&run.fake);
    run.fake.fail_at = n;
    run.fake.fail_from = mode == FAIL_FROM;
    run_lines(&run, vector);
    *more = n != 0 && run.fake.reserve_calls >= n;
    fake_pages_close(&run.fake);
    totals->runs++;
    totals->operations += run.operations;
    return !run.failed && test_failures() == 0;
}

static bool run_out_of_memory(const Vector *vector, const Options *options, Totals *totals) {
    static const FailureMode modes[] = {FAIL_ONCE, FAIL_FROM};
    for (size_t mode = 0; mode < sizeof modes / sizeof modes[0]; mode++) {
        bool more = true;
        for (size_t n = 1; more; n++) {
            if (!run_vector(vector, options, modes[mode], n, totals, &more)) {
                return false;
            }
            if (n == RUNS_MAX) {
                printf("%s: %d runs were not enough\n", vector->name, RUNS_MAX);
                return false;
            }
        }
    }
    return true;
}

/* reset-keeps-every-chunk is test_reset_keeps_every_chunk in C. */
static void print_name(const char *name) {
    printf("test_");
    for (; *name != '\0'; name++) {
        putchar(*name == '-' ? '_' : *name);
    }
    printf(" ... ");
    fflush(stdout);
}

static void test_vector(Vector *vector, const Options *options, Totals *totals) {
    size_t runs = totals->runs, operations = totals->operations;
    bool more;
    print_name(vector->name);
    bool passed = vector_read(options->directory, vector) &&
                  (options->oom ? run_out_of_memory(vector, options, totals)
                                : run_vector(vector, options, FAIL_NEVER, 0, totals, &more));
    totals->vectors++;
    totals->failed += passed ? 0 : 1;
    if (!passed) {
        printf("    FAILED: %s\n", vector->name);
    } else if (options->oom) {
        printf("ok (%zu runs, %zu operations)\n", totals->runs - runs, totals->operations - operations);
    } else {
        printf("ok (%zu operations)\n", totals->operations - operations);
    }
    fflush(stdout);
}

static bool is_wanted(const Options *options, const char *name) {
    bool wanted = options->name_count == 0;
    for (int i = 0; i < options->name_count; i++) {
        wanted = wanted || strcmp(options->names[i], name) == 0;
    }
    return wanted;
}

/* --- command line ------------------------------------------------------------------------------------------------- */

static bool read_options(int argc, char **argv, Options *options) {
    int at = 1;
    for (; at < argc && (options->directory == NULL || argv[at][0] == '-'); at++) {
        if (strcmp(argv[at], "--poison") == 0) {
            options->poison = true;
        } else if (strcmp(argv[at], "--oom") == 0) {
            options->oom = true;
        } else if (strcmp(argv[at], "--debug") == 0) {
            options->debug = true;
        } else if (strcmp(argv[at], "--zeroed") == 0) {
            options->zeroed = true;
        } else if (strcmp(argv[at], "--observed") == 0) {
            options->observed = true;
        } else if (argv[at][0] != '-') {
            options->directory = argv[at];
        } else {
            return false;
        }
    }
    options->names = argv + at;
    options->name_count = argc - at;
    return options->directory != NULL;
}

int main(int argc, char **argv) {
    static char names[VECTORS_MAX][NAME_LENGTH_MAX + 1];
    static Vector vector;
    Options options = {0};
    Totals totals = {0};
    if (!read_options(argc, argv, &options)) {
        printf("usage: vector_runner DIRECTORY [--poison] [--zeroed] [--observed] [--debug] [--oom] [name ...]\n");
        return EXIT_FAILURE;
    }
    size_t count = read_index(options.directory, names);
    if (count == 0 || !directory_matches(options.directory, names, count)) {
        printf("vectors=0\n");
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_wanted(&options, names[i])) {
            strcpy(vector.name, names[i]);
            test_vector(&vector, &options, &totals);
        }
    }
    bool all_ran = options.name_count == 0 ? totals.vectors == count : totals.vectors == (size_t)options.name_count;
    printf(
        "window=%s zeroed=%s observed=%s debug=%s page_failures=%s: vectors=%zu operations=%zu runs=%zu failed=%zu%s\n",
        options.poison || options.observed || options.debug ? "closed" : "open", options.zeroed ? "all" : "as said",
        options.observed ? "all" : "as said", options.debug ? "all" : "as said", options.oom ? "each" : "none",
        totals.vectors, totals.operations, totals.runs, totals.failed, all_ran ? "" : " (a name was not found)");
    return totals.failed == 0 && all_ran && totals.vectors != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
