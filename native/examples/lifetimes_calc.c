/* SPDX-License-Identifier: Apache-2.0
 * lifetimes_calc.c - a calculator with variables: each line of the standard input is `name = sum`. Names and variables
 * live as long as the process, the tree of a line until the line is done: a unit. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <corral/lifetimes.h>

typedef struct Variable {
    const char *name; /* interned: equal names have equal addresses */
    int64_t value;
    struct Variable *next;
} Variable;

typedef struct Node {
    char sign; /* 0: a number or a variable */
    int64_t number;
    const Variable *variable; /* NULL: a number */
    struct Node *left, *right;
} Node;

static Lifetimes *lifetimes;
static int node_kind, variable_kind;
static Variable *variables;
static const char *at; /* what of the line is left */

static void require(const void *made) {
    if (made == NULL) {
        fprintf(stderr, "lifetimes_calc: %s\n", arena_status_name(lifetimes_last_status(lifetimes)));
        exit(EXIT_FAILURE);
    }
}

static void *make(int kind, size_t size) {
    void *made = lifetimes_alloc_kind(lifetimes, kind, size);
    require(made);
    return memset(made, 0, size);
}

static void skip_blanks(void) {
    at += strspn(at, " \t");
}

static Variable *variable(void) {
    size_t length = 0;
    while (isalpha((unsigned char)at[length])) {
        length++;
    }
    const char *name = lifetimes_intern(lifetimes, at, length);
    require(name);
    at += length;
    Variable *found = variables;
    while (found != NULL && found->name != name) {
        found = found->next;
    }
    if (found == NULL) {
        found = make(variable_kind, sizeof *found);
        *found = (Variable){.name = name, .next = variables};
        variables = found;
    }
    return found;
}

static Node *operand(void) {
    Node *node = make(node_kind, sizeof *node);
    skip_blanks();
    if (isalpha((unsigned char)*at)) {
        node->variable = variable();
    } else {
        char *end;
        node->number = strtol(at, &end, 10);
        at = end;
    }
    skip_blanks();
    return node;
}

/* A chain of operands, from the left: `stronger` ones first. */
static Node *chain(bool stronger) {
    const char *signs = stronger ? "*" : "+-";
    Node *tree = stronger ? operand() : chain(true);
    while (*at != '\0' && strchr(signs, *at) != NULL) {
        Node *above = make(node_kind, sizeof *above);
        above->sign = *at++;
        above->left = tree;
        above->right = stronger ? operand() : chain(true);
        tree = above;
    }
    return tree;
}

static int64_t value_of(const Node *node) {
    switch (node->sign) {
    case '+':
        return value_of(node->left) + value_of(node->right);
    case '-':
        return value_of(node->left) - value_of(node->right);
    case '*':
        return value_of(node->left) * value_of(node->right);
    default:
        return node->variable != NULL ? node->variable->value : node->number;
    }
}

int main(void) {
    lifetimes = lifetimes_create();
    if (lifetimes == NULL) {
        return EXIT_FAILURE;
    }
    node_kind = lifetimes_kind(lifetimes, "node", LIFETIME_RULE_UNIT);
    variable_kind = lifetimes_kind(lifetimes, "variable", LIFETIME_RULE_PROCESS);
    char line[1024];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        at = line;
        Variable *target = variable();
        at += strspn(at, " \t=");
        target->value = value_of(chain(false));
        printf("%s = %" PRId64 "\n", target->name, target->value);
        lifetimes_end_unit(lifetimes); /* the tree is gone */
    }
    LifetimesStats stats;
    lifetimes_stats(lifetimes, &stats);
    printf("names=%" PRIu64 " found_again=%" PRIu64 " units=%" PRIu64 " nodes_left=%" PRIu64 "\n", stats.strings,
           stats.found, stats.units, arena_allocation_count(lifetimes_arena(lifetimes, LIFETIME_UNIT)));
    return lifetimes_destroy(lifetimes) == CORRAL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
