/* SPDX-License-Identifier: Apache-2.0
 * arena_words.c - keeps the words of a file, or of standard input, in an arena. */
#include <corral/arena.h>

typedef struct Word {
    struct Word *next;
    const char *text;
} Word;

int main(int argc, char **argv) {
    FILE *in = argc > 1 ? fopen(argv[1], "r") : stdin;
    if (in == NULL) {
        perror(argv[1]);
        return 1;
    }
    Pool *pool = pool_create();
    Arena *arena = arena_create_default(pool); /* NULL when the pool is; every call refuses it then */
    Word *words = NULL;
    size_t count = 0;
    for (char text[256]; fscanf(in, "%255s", text) == 1; count++) {
        Word *word = arena_alloc(arena, sizeof *word);
        const char *copy = arena_strdup(arena, text);
        if (word == NULL || copy == NULL) {
            fprintf(stderr, "word %zu: %s\n", count + 1, arena_status_name(arena_last_status(arena)));
            return 1;
        }
        *word = (Word){.next = words, .text = copy};
        words = word;
    }
    printf("%zu words, the last one is %s\n", count, words != NULL ? words->text : "missing");
    arena_stats_print(arena, stdout);
    arena_destroy(arena); /* frees all words at once */
    pool_destroy(pool);
    return fclose(in) == 0 ? 0 : 1;
}
