/* SPDX-License-Identifier: Apache-2.0
 * mapped_words.c - builds a table of the words of the standard input in an arena, seals it in a file, and looks the
 * words up in that file, as any number of processes could. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <corral/arena.h>
#include <corral/mapped_arena.h>

#define BINS 64

/* Only references, no addresses: the file lies elsewhere in each process. */
typedef struct Entry {
    ArenaRef next;
    uint64_t count;
    char text[]; /* ended by a NUL */
} Entry;

typedef struct Table {
    ArenaRef bins[BINS];
    uint64_t entries;
} Table;

static size_t bin_of(const char *word) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *word != '\0'; word++) {
        hash = (hash ^ (unsigned char)*word) * 16777619u;
    }
    return hash % BINS;
}

static void add(Arena *arena, Table *table, const char *word) {
    ArenaRef *bin = &table->bins[bin_of(word)];
    for (ArenaRef at = *bin; at != 0;) {
        Entry *entry = arena_resolve(arena, at);
        if (strcmp(entry->text, word) == 0) {
            entry->count++;
            return;
        }
        at = entry->next;
    }
    size_t bytes = strlen(word) + 1;
    Entry *entry = arena_alloc(arena, sizeof *entry + bytes);
    if (entry == NULL) {
        fprintf(stderr, "mapped_words: %s\n", arena_status_name(arena_last_status(arena)));
        exit(EXIT_FAILURE);
    }
    entry->next = *bin;
    entry->count = 1;
    memcpy(entry->text, word, bytes);
    *bin = arena_ref(arena, entry);
    table->entries++;
}

/* How often the word is in the file. Every reference is checked: a damaged one leads nowhere. */
static uint64_t count_of(const MappedArena *file, const char *word) {
    const Table *table = mapped_resolve(file, mapped_root(file), sizeof *table);
    ArenaRef at = table != NULL ? table->bins[bin_of(word)] : 0;
    while (at != 0) {
        const Entry *entry = mapped_resolve(file, at, sizeof *entry + 1);
        if (entry == NULL || strcmp(entry->text, word) == 0) {
            return entry != NULL ? entry->count : 0;
        }
        at = entry->next;
    }
    return 0;
}

static CorralStatus build(const char *path, MappedError *error) {
    Pool *pool = pool_create();
    Arena *arena = arena_create_default(pool);
    Table *table = arena_calloc(arena, 1, sizeof *table);
    for (char word[256]; table != NULL && scanf("%255s", word) == 1;) {
        add(arena, table, word);
    }
    MappedSeal seal = {.root = arena_ref(arena, table), .tag = 1};
    CorralStatus status = mapped_seal(arena, path, &seal, error); /* the file is there as a whole, or not at all */
    pool_destroy(pool);
    return status;
}

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : "mapped_words.arena";
    MappedError error;
    if (build(path, &error) != CORRAL_OK) {
        fprintf(stderr, "mapped_words: %s\n", error.text);
        return EXIT_FAILURE;
    }
    MappedArena *file = mapped_open(path, MAPPED_SHARED, &error);
    if (file == NULL) {
        fprintf(stderr, "mapped_words: %s\n", error.text);
        return EXIT_FAILURE;
    }
    static const char *const asked[] = {"that", "together,", "horse"};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        printf("%s: %" PRIu64 "\n", asked[i], count_of(file, asked[i]));
    }
    mapped_close(file);
    return remove(path) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
