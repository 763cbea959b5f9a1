/* SPDX-License-Identifier: Apache-2.0
 * compare.c - runs native benchmarks, prints what they say side by side: compare [--once] OUTPUT PROGRAM...
 *
 * What is measured is what the programs can do, which are known by the names of their files. It fails when one of them
 * has no figure for something that is always there, or a figure that cannot be; --once is for finding that out.
 *
 * Each figure is the median of several processes, in which the allocators take turns, so that what else the machine
 * does meets all alike. Its error is half the distance of the second lowest to the second highest. OUTPUT receives an
 * array of {"benchmark", "params", "unit", "score", "error"}. Read the ratios, not the nanoseconds. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

enum { RUNS = 5, PEERS_MAX = 16 };

typedef struct Figure {
    const char *name;
    double runs[RUNS];
    double score;
    double error;
    bool missing; /* not installed */
} Figure;

static const char *programs[PROGRAMS]; /* paths; NULL: not asked for */
static size_t runs = RUNS;

/* False: not all of them are known. */
static bool know_programs(char **paths, int count) {
    for (int i = 0; i < count; i++) {
        const char *slash = strrchr(paths[i], '/');
        size_t program = 0;
        while (program < PROGRAMS && strcmp(program_names[program], slash != NULL ? slash + 1 : paths[i]) != 0) {
            program++;
        }
        if (program == PROGRAMS) {
            return false;
        }
        programs[program] = paths[i];
    }
    return count > 0;
}

/* Runs a program once; negative: it printed no number, or preloading failed. */
static double run_once(const Row *row, const Peer *peer) {
    char command[4096];
    char line[256] = "";
    int length =
        snprintf(command, sizeof command, "%s%s '%s' %s %s %s 2>&1", peer->preload != NULL ? "LD_PRELOAD=" : "",
                 peer->preload != NULL ? peer->preload : "", programs[row->program], row->benchmark,
                 row->program == PEER_BENCH ? row->argument : "", peer->argument);
    FILE *output = length < (int)sizeof command ? popen(command, "r") : NULL;
    bool read = output != NULL && fgets(line, sizeof line, output) != NULL;
    bool succeeded = output != NULL && pclose(output) == 0;
    char *end = line;
    double figure = strtod(line, &end);
    if (!read || !succeeded || end == line) {
        return -1;
    }
    return row->better == MORE ? 1 / figure : figure;
}

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static size_t measure(const Row *row, Figure *figures) {
    size_t count = 0;
    while (row->peers[count] != NULL) {
        figures[count] = (Figure){.name = row->peers[count]->name};
        count++;
    }
    for (size_t run = 0; run < runs; run++) {
        for (size_t i = 0; i < count; i++) {
            double value = figures[i].missing ? -1 : run_once(row, row->peers[i]);
            figures[i].missing = figures[i].missing || value < 0;
            figures[i].runs[run] = value;
        }
    }
    for (size_t i = 0; i < count; i++) {
        qsort(figures[i].runs, runs, sizeof(double), compare_numbers);
        figures[i].score = figures[i].runs[runs / 2];
        figures[i].error = runs == RUNS ? (figures[i].runs[RUNS - 2] - figures[i].runs[1]) / 2 : 0;
    }
    return count;
}

static const Figure *find(const Figure *figures, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(figures[i].name, name) == 0 && !figures[i].missing) {
            return &figures[i];
        }
    }
    return NULL;
}

static void print_row(const Row *row, const Figure *figures, size_t count) {
    printf("%s %s: %s, %s\n ", row->benchmark, row->argument, row->what, row->unit);
    for (size_t i = 0; i < count; i++) {
        if (figures[i].missing) {
            printf(" %s -", figures[i].name);
        } else {
            printf(" %s %.2f", figures[i].name, figures[i].score);
        }
        printf(i + 1 < count ? "," : "\n");
    }
}

/* The number of promises that do not hold. */
static int print_promises(const Row *row, const Figure *figures, size_t count) {
    int broken = 0;
    for (const Promise *promise = row->promises; promise->limit > 0; promise++) {
        const Figure *figure = find(figures, count, promise->name);
        const Figure *than = promise->than != NULL ? find(figures, count, promise->than) : NULL;
        if (figure == NULL || (promise->than != NULL && than == NULL)) {
            continue;
        }
        double value = figure->score / (than != NULL ? than->score : 1);
        bool holds = value <= promise->limit;
        printf("  %s%s%s = %.2f, must be at most %.2f: %s\n", promise->name, than != NULL ? " / " : "",
               than != NULL ? promise->than : "", value, promise->limit, holds ? "holds" : "DOES NOT HOLD");
        broken += !holds;
    }
    return broken;
}

/* The number of figures that are not there, though nobody has to install anything for them, or are no time or ratio. */
static int print_absent(const Row *row, const Figure *figures, size_t count) {
    int absent = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_there = row->program != PEER_BENCH && row->peers[i]->preload == NULL;
        if (figures[i].missing ? is_there : !(figures[i].score >= 0 && figures[i].score < 1e12)) {
            printf("  %s: NO FIGURE\n", figures[i].name);
            absent++;
        }
    }
    return absent;
}

/* What a column is, and where it applies what the row is about. */
static void write_params(FILE *output, const Row *row, const Figure *figure) {
    if (row->program == SCALE_BENCH) {
        fprintf(output, "{\"%s\": \"%s\", \"peer\": \"corral\"}", row->argument, figure->name);
    } else if (row->argument[0] != '\0') {
        fprintf(output, "{\"trace\": \"%s\", \"peer\": \"%s\"}", row->argument, figure->name);
    } else {
        fprintf(output, "{\"peer\": \"%s\"}", figure->name);
    }
}

static void write_json(FILE *output, const Row *row, const Figure *figures, size_t count, const char **separator) {
    for (size_t i = 0; i < count; i++) {
        if (!figures[i].missing) {
            fprintf(output, "%s\n{\"benchmark\": \"native.%s\", \"params\": ", *separator, row->benchmark);
            write_params(output, row, &figures[i]);
            fprintf(output, ", \"unit\": \"%s\", \"score\": %.6g, \"error\": %.6g}", row->unit, figures[i].score,
                    figures[i].error);
            *separator = ",";
        }
    }
}

/* The file is whole after each row, whatever happens in the next one. */
static void end_json(FILE *output, bool last) {
    static const char end[] = "\n]\n";
    fputs(end, output);
    fflush(output);
    if (!last) {
        fseek(output, -(long)strlen(end), SEEK_CUR);
    }
}

/* Measures all rows of the programs; the number of figures that should be there and are not. */
static int write_all(FILE *output) {
    const char *separator = "";
    int broken = 0;
    int absent = 0;
    fputs("[", output);
    for (size_t i = 0; i < row_count; i++) {
        if (programs[rows[i].program] == NULL) {
            continue;
        }
        Figure figures[PEERS_MAX];
        size_t count = measure(&rows[i], figures);
        print_row(&rows[i], figures, count);
        absent += print_absent(&rows[i], figures, count);
        broken += print_promises(&rows[i], figures, count);
        write_json(output, &rows[i], figures, count, &separator);
        end_json(output, false);
        fflush(stdout);
    }
    end_json(output, true);
    printf("%d ratios do not hold in this run, %d figures are not there\n", broken, absent);
    return absent;
}

int main(int argc, char **argv) {
    int first = 1;
    if (argc > 1 && strcmp(argv[1], "--once") == 0) {
        runs = 1;
        first = 2;
    }
    bool known = argc > first + 1 && know_programs(&argv[first + 1], argc - first - 1);
    FILE *output = known ? fopen(argv[first], "w") : NULL;
    if (output == NULL) {
        fputs("usage: compare [--once] OUTPUT PROGRAM..., with an OUTPUT that can be written, and paths of:", stderr);
        for (size_t i = 0; i < PROGRAMS; i++) {
            fprintf(stderr, " %s", program_names[i]);
        }
        fputs("\n", stderr);
        return EXIT_FAILURE;
    }
    int absent = write_all(output);
    printf("figures in %s\n", argv[first]);
    return fclose(output) == 0 && absent == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
