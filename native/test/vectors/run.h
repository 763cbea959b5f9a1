/* SPDX-License-Identifier: Apache-2.0
 * run.h - one run of one vector: what its names mean, which bytes its blocks hold, what an operation brought.
 * Layer: test. May include: the library, support/. Threads: one. */
#ifndef CORRAL_TEST_VECTORS_RUN_H
#define CORRAL_TEST_VECTORS_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "corral/arena.h"
#include "support/fake_pages.h"
#include "vectors/script.h"
#include "vectors/watch.h"

typedef struct Run Run;

typedef enum ThingKind {
    THING_POOL,
    THING_ARENA,
    THING_POINTER,
    THING_NUMBER,
    THING_MARK,
    THING_STRING,
    THING_CALL,
    THING_RECYCLER,
    THING_SLOTS,
    THING_MAPPED,
    THING_LIFETIMES,
    THING_OBJECTS,
    THING_STACK,
    THING_MISSING /* what should have made it failed by an injected failure, or its pool is gone */
} ThingKind;

/* What an observer was told of one arena. */
typedef struct Recorder {
    struct Recorder *next;
    uint64_t allocations;
    uint64_t bytes; /* asked for by them */
    uint64_t acquired;
    uint64_t given_back;
    uint64_t held; /* bytes of chunks that were acquired and not given back */
    uint64_t resets;
    uint64_t clears;
    uint64_t rewinds;
    uint64_t destroyed;
    const void *last; /* block */
    size_t last_size;
    ArenaRef last_ref;
} Recorder;

/* What a name stands for. A destroyed arena keeps its name and its address, so that wrong use can be tried. */
typedef struct Thing {
    struct Thing *next; /* older */
    const char *name;   /* owned */
    ThingKind kind;
    bool live;          /* pools and arenas: not destroyed */
    bool zeroed;        /* THING_ARENA */
    bool damaged;       /* THING_ARENA: the vector has written where nobody may */
    Recorder *recorder; /* THING_ARENA: observes it; NULL: nobody does */
    Pool *pool;         /* THING_POOL: itself; THING_ARENA: where its memory comes from */
    Arena *arena;
    const struct Thing *parent;     /* THING_ARENA: what it is a child of; NULL: nothing */
    struct ArenaRecycler *recycler; /* THING_RECYCLER */
    struct SlotPool *slots;         /* THING_SLOTS */
    struct MappedArena *mapped;     /* THING_MAPPED; NULL: closed */
    struct Lifetimes *lifetimes;    /* THING_LIFETIMES */
    struct ObjectPool *objects;     /* THING_OBJECTS */
    struct StackAllocator *stack;   /* THING_STACK */
    const struct Thing *lender;     /* THING_ARENA: the recycler that it was borrowed from; NULL: none */
    unsigned char *pointer;
    size_t size;  /* bytes asked for at `pointer` */
    ArenaRef ref; /* of `pointer`; 0: not known */
    uint64_t number;
    ArenaMark mark;       /* THING_MARK */
    ArenaString string;   /* THING_STRING */
    char *text;           /* THING_STRING: what was appended to it, NUL-terminated; owned */
    size_t text_length;   /* likewise, in bytes */
    Run *run;             /* THING_CALL */
    const char *attempt;  /* THING_CALL: what it tries; NULL: nothing */
    size_t blocks_made;   /* THING_MARK: by the run when it was taken */
    ArenaStats stats;     /* THING_ARENA: before the operation that runs */
    ArenaControl control; /* likewise */
    PoolStats pool_stats; /* THING_POOL: likewise */
} Thing;

/* A block whose bytes only the vector may change. The runner fills every block with a byte of its own and compares all
 * of it with `copy` before the block is given back, and at each check: blocks that overlap do not go unseen. */
typedef struct Block {
    struct Block *next;
    const void *owner; /* Arena or Pool */
    unsigned char *pointer;
    size_t size;
    size_t number; /* of blocks made by the run */
    unsigned char *copy;
} Block;

typedef enum FailureMode {
    FAIL_NEVER,
    FAIL_ONCE, /* the n-th page request fails; the operation is repeated and must bring exactly what the vector says */
    FAIL_FROM  /* so do all later ones; from there on offsets and statistics are not compared */
} FailureMode;

/* What an operation brought. */
typedef struct Outcome {
    CorralStatus status;
    Arena *arena; /* owner of `pointer` and `ref`, or whom the operation was about */
    Pool *pool;   /* likewise, for operations of pools */
    unsigned char *pointer;
    size_t size;
    ArenaRef ref;
    bool is_block;   /* a new block at `pointer`: to be filled and watched */
    bool keep_bytes; /* do not fill it */
    bool makes_do;   /* it may have succeeded with less, where a page request failed: what follows need not hold */
    bool has_number;
    uint64_t number;
    ArenaMark mark; /* arena == NULL: none */
} Outcome;

struct Run {
    const char *vector;
    int line_number;
    const char *source; /* of the line */
    bool poison;
    bool zeroed;   /* every arena is */
    bool debug;    /* every arena is in debug mode: places and statistics are others */
    bool observed; /* every arena is */
    Recorder *recorders;
    FailureMode mode;
    FakePages fake;
    Thing *things; /* newest first */
    Block *blocks;
    char released[512]; /* names of the callbacks that were called, with blanks between them */
    size_t operations;
    size_t blocks_made;
    bool again; /* lines are being repeated */
    bool failed;
    bool skip;         /* the running operation needs something that is missing */
    bool injected;     /* a page request has failed */
    bool derailed;     /* an operation has failed by it and was not repeated, or `debug`: numbers are not compared */
    bool auditing;     /* what is reported meanwhile is no answer to the vector */
    char report[4096]; /* the last one of a debug arena */
};

/* --- report (things.c) -------------------------------------------------------------------------------------------- */

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
/* Prints why the vector fails; only the first reason is printed. Always returns false. */
bool run_fail(Run *run, const char *format, ...);

/* The report function of debug arenas; `context` is the run (op_debug.c). */
void run_report(void *context, const char *text);

/* --- names and operands (things.c) -------------------------------------------------------------------------------- */

/* Memory that belongs to no pool and holds no marker; `foreign` in a vector. */
unsigned char *foreign_memory(void);
bool foreign_memory_is_untouched(void);

Thing *thing_find(const Run *run, const char *name);

/* The live pool or arena of that address; NULL when there is none. */
Thing *thing_of_pool(const Run *run, const Pool *pool);
Thing *thing_of_arena(const Run *run, const Arena *arena);

/* Compares and forgets the blocks of the arenas below this one, which are about to be destroyed with their names kept
 * (things.c). With `itself` the arena counts as one of them. */
void things_end_arenas(Run *run, const Arena *arena, bool itself);

/* Binds `name` (copied) to a new thing; an older thing of that name loses it. */
Thing *thing_bind(Run *run, const char *name, ThingKind kind);

void things_free(Run *run);

/* The next argument as what the name says, or NULL for `null`. On a script error, or when the thing is missing, the run
 * is marked and ready() returns false. */
Arena *arena_operand(Run *run, Line *line);
Arena *arena_of_word(Run *run, const Word *word);
Pool *pool_operand(Run *run, const Word *word);
unsigned char *pointer_operand(Run *run, Line *line);
Thing *thing_operand(Run *run, Line *line);
ArenaRef ref_operand(Run *run, Line *line, const Arena *arena);
Thing *mark_operand(Run *run, Line *line);
uint64_t number_operand(Run *run, Line *line);
const Word *word_operand(Run *run, Line *line);

/* The value of an option; `absent` when it is not there. */
uint64_t option_number(Run *run, Line *line, const char *key, uint64_t absent);

/* A reference by name, `null`, a number, or @chunk:offset in the arena's present generation. */
ArenaRef ref_of(Run *run, const char *text, const Arena *arena);

/* A number or the name of a measured one. */
uint64_t number_of(Run *run, const char *text);

/* False when the operation cannot run: a script error, something missing, or an argument that it does not know. */
bool ready(Run *run, Line *line);

/* --- observers (op_observe.c) ------------------------------------------------------------------------------------- */

/* An observer that writes to a new recorder. */
ArenaObserver recorder_open(Run *run);
void recorders_free(Run *run);
/* The observer of the block's arena, if there is one, was told of it. */
void verify_told(Run *run, const Outcome *outcome);

/* An operation takes its words, asks ready(), calls the library and says what that brought. */
typedef void Operation(Run *run, Line *line, Outcome *outcome);

/* The operation of that name; NULL: there is none (table.c). */
Operation *operation_find(const char *verb);

/* Runs one line and compares (engine.c). */
void run_line(Run *run, Line *line);

/* Verifies every arena and pool and all blocks (engine.c). */
void run_audit(Run *run);

/* The end of every vector: checks, destroys everything, and looks for what is left (engine.c). */
void run_finish(Run *run);

/* Place of the outcome's pointer or reference (results.c). */
void compare_outcome(Run *run, Line *line, const Outcome *outcome);

/* The status that `-> !NAME` expects; CORRAL_OK without it. Takes the word. */
CorralStatus expected_status(Run *run, Line *line);

#endif
