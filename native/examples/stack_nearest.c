/* SPDX-License-Identifier: Apache-2.0
 * stack_nearest.c - for each word of the standard input the nearest one before it, by edit distance. What a comparison
 * needs lives until it returns: a frame. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <corral/stack_allocator.h>

static void *or_die(const StackAllocator *stack, void *memory) {
    if (memory == NULL) {
        fprintf(stderr, "stack_nearest: %s\n", arena_status_name(stack_last_status(stack)));
        exit(EXIT_FAILURE);
    }
    return memory;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Two rows of the table at a time: Wagner and Fischer, "The String-to-String Correction Problem", 1974. */
static size_t distance(StackAllocator *stack, const char *from, const char *to) {
    StackFrame frame = stack_push(stack);
    size_t columns = strlen(to) + 1;
    size_t *above = or_die(stack, stack_alloc(frame, columns * sizeof *above, 1));
    size_t *row = or_die(stack, stack_alloc(frame, columns * sizeof *row, 1));
    for (size_t i = 0; i < columns; i++) {
        above[i] = i;
    }
    for (size_t line = 1; *from != '\0'; from++, line++) {
        row[0] = line;
        for (size_t i = 1; i < columns; i++) {
            size_t changed = above[i - 1] + (*from != to[i - 1] ? 1 : 0);
            row[i] = least(changed, least(above[i], row[i - 1]) + 1);
        }
        size_t *done = row;
        row = above;
        above = done;
    }
    size_t result = above[columns - 1];
    stack_pop(frame); /* both rows are gone */
    return result;
}

int main(void) {
    Pool *pool = pool_create();
    StackAllocator *stack = stack_create(pool, STACK_SIZE_DEFAULT);
    StackFrame all = stack_push(stack); /* the words, until the end */
    const char *words[256];
    size_t count = 0;
    for (char text[64]; count < 256 && scanf("%63s", text) == 1; count++) {
        char *word = or_die(stack, stack_alloc(all, strlen(text) + 1, 1));
        words[count] = strcpy(word, text);
        size_t nearest = 0;
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < count; i++) {
            size_t now = distance(stack, words[i], word);
            nearest = now < best ? i : nearest;
            best = least(now, best);
        }
        if (count != 0 && best <= 2) {
            printf("%s: %s (%zu)\n", word, words[nearest], best);
        }
    }
    stack_pop(all);
    stack_destroy(stack);
    return (int)pool_destroy(pool);
}
