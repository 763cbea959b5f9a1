/* SPDX-License-Identifier: Apache-2.0
 * words.c - how an operation takes the words that it understands from its line. */
#include "vectors/script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The first unused word of [from, to) with that key; NULL key: with any. */
static Word *find_unused(Line *line, size_t from, size_t to, const char *key) {
    for (size_t i = from; i < to; i++) {
        Word *word = &line->words[i];
        if (!word->used && (key == NULL || strcmp(word->key, key) == 0)) {
            return word;
        }
    }
    return NULL;
}

static Word *take(Word *word) {
    if (word != NULL) {
        word->used = true;
    }
    return word;
}

Word *line_next(Line *line) {
    return take(find_unused(line, 0, line->arrow, ""));
}

Word *line_option(Line *line, const char *key) {
    return take(find_unused(line, 0, line->arrow, key));
}

Word *line_result(Line *line) {
    return take(find_unused(line, line->arrow, line->count, NULL));
}

Word *line_unused(Line *line, bool arguments_only) {
    return find_unused(line, 0, arguments_only ? line->arrow : line->count, NULL);
}

bool parse_u64(const char *text, uint64_t *value) {
    char *end;
    errno = 0;
    *value = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
}
