/* SPDX-License-Identifier: Apache-2.0
 * arena_words.c - keeps the words of standard input in an arena. */
#include <corral/arena.h>

typedef struct Word {
    struct Word *previous;
    const char *text;
} Word;

int main(void) {
    Pool *pool = pool_create();
    Arena *arena = arena_create_default(pool); /* NULL when the pool is; every call refuses it then */
    Word *last = NULL;
    for (char text[256]; scanf("%255s", text) == 1;) {
        Word *word = arena_calloc(arena, 1, sizeof *word);
        if (word == NULL || (word->text = arena_strdup(arena, text)) == NULL) {
            return (int)arena_last_status(arena); /* arena_status_name() says it in words */
        }
        word->previous = last;
        last = word;
    }
    printf("%zu bytes of words, the last: %s\n", arena_total_used(arena), last != NULL ? last->text : "none");
    arena_destroy(arena); /* frees all words at once */
    return (int)pool_destroy(pool);
}
