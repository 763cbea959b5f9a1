/* SPDX-License-Identifier: Apache-2.0
 * recycler_requests.c - a server's loop: each line of the standard input is a request, whose answer is its words in
 * order. A request has an arena of its own, borrowed for as long as it takes, so nothing is freed one by one; the last
 * line says that all but the first found an arena ready. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <corral/arena_recycler.h>

#define REQUEST_MAX 4096

static int by_bytes(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Prints the words of a request; false when there is no memory. */
static bool answer(Arena *arena, const char *request) {
    size_t length = strlen(request);
    char *text = arena_alloc(arena, length + 1);
    char **words = arena_alloc(arena, (length / 2 + 1) * sizeof *words); /* as many as there can be */
    if (text == NULL || words == NULL) {
        return false;
    }
    memcpy(text, request, length + 1);
    size_t count = 0;
    for (char *at = text + strspn(text, " \t\n"); *at != '\0'; at += strspn(at, " \t\n")) {
        words[count++] = at;
        at += strcspn(at, " \t\n");
        if (*at != '\0') {
            *at++ = '\0';
        }
    }
    qsort(words, count, sizeof *words, by_bytes);
    for (size_t i = 0; i < count; i++) {
        printf("%s%s", i == 0 ? "" : " ", words[i]);
    }
    putchar('\n');
    return true;
}

int main(void) {
    Pool *pool = pool_create();
    ArenaRecycler *recycler = recycler_create(pool);
    char request[REQUEST_MAX];
    bool served = true;
    while (served && fgets(request, sizeof request, stdin) != NULL) {
        Arena *arena;
        served = recycler_borrow(recycler, &arena) == CORRAL_OK && answer(arena, request) &&
                 recycler_return(recycler, arena) == CORRAL_OK;
    }
    RecyclerStats stats;
    recycler_stats(recycler, &stats);
    printf("requests=%" PRIu64 " new_arenas=%" PRIu64 " kept=%" PRIu64 "\n", stats.returned, stats.misses, stats.kept);
    return served && recycler_destroy(recycler) == CORRAL_OK && pool_destroy(pool) == CORRAL_OK ? 0 : 1;
}
