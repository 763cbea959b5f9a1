/* SPDX-License-Identifier: Apache-2.0
 * script.h - the lines of a test vector; the grammar is in src/test/resources/vectors/README.md.
 * Layer: test. May include: nothing of ours.
 *
 * The parser knows words, not operations: an operation takes the words that it understands, and whoever runs the line
 * refuses it when a word is left over. So a new operation or option needs no change here. */
#ifndef CORRAL_TEST_VECTORS_SCRIPT_H
#define CORRAL_TEST_VECTORS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_WORDS_MAX 24
#define LINE_SOURCE_MAX 2048 /* bytes of a line */
#define LINE_STRING_MAX 4096 /* bytes of a repeated string, written out */

typedef struct Word {
    const char *key;  /* of an option `key=value`, else "" */
    char relation;    /* of an option: '=', '<' (at most) or '>' (at least) */
    const char *text; /* NUL-terminated; an option's value; a string's bytes, which may hold NULs */
    size_t length;    /* bytes of text */
    bool quoted;      /* written as "..." */
    bool used;        /* an operation has understood it */
} Word;

/* Invariant: arrow <= count <= LINE_WORDS_MAX; words[arrow ..] are what follows "->". */
typedef struct Line {
    Word words[LINE_WORDS_MAX];
    size_t count;
    size_t arrow;
    const char *error; /* why line_parse() returned false */
    char text[LINE_SOURCE_MAX + LINE_WORDS_MAX * (LINE_STRING_MAX + 1)];
} Line;

/* Splits `source`, of at most LINE_SOURCE_MAX bytes, into words; a blank line or a comment has none. */
bool line_parse(Line *line, const char *source);

/* The next word before the arrow that is no option and not used yet, marked as used; NULL when there is none. */
Word *line_next(Line *line);

/* The option `key` before the arrow, marked as used; NULL when there is none. */
Word *line_option(Line *line, const char *key);

/* The next word after the arrow that is not used yet, marked as used; NULL when there is none. */
Word *line_result(Line *line);

/* The first word that is not used; NULL when all are. With `arguments_only` those after the arrow do not matter. */
Word *line_unused(Line *line, bool arguments_only);

/* Reads a decimal or 0x number; false when `text` is anything else. */
bool parse_u64(const char *text, uint64_t *value);

#endif
