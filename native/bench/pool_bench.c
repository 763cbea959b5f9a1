/* SPDX-License-Identifier: Apache-2.0
 * pool_bench.c - the pool side by side with glibc's malloc, and with jemalloc, tcmalloc and mimalloc where installed.
 *
 *   pool_bench                  a table: every workload of every allocator, in a process of its own, and the ratio of
 *                               the pool to glibc
 *   pool_bench WORKLOAD WHAT    measures one in this process and prints the figure; WHAT: pool, malloc, or processes: a
 *                               pool, with processes in place of threads, which share nothing but the machine
 *   pool_bench warm N           N times create + destroy of a default arena on a warm pool, between two getppid()
 *                               calls: strace shows that there is nothing between them
 *
 * Read the ratios, not the nanoseconds: those are of this machine, today. Two threads need two idle processors. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pool_bench.h"

void *or_die(void *pointer) {
    if (pointer == NULL) {
        fputs("pool_bench: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return pointer;
}

double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* --- what is measured: a pool, or whatever malloc is in this process ---------------------------------------------- */

static void *heap_take(Pool *pool, size_t size) {
    (void)pool;
    return malloc(size);
}

static void heap_give(Pool *pool, void *block) {
    (void)pool;
    free(block);
}

static void pool_give(Pool *pool, void *block) {
    pool_free(pool, block);
}

Allocator allocator;

/* --- random numbers, sizes ---------------------------------------------------------------------------------------- */

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

size_t sizes[SIZES];
uint32_t order[BATCH];

static void fill_tables(void) {
    uint32_t random = 12345;
    for (size_t i = 0; i < SIZES; i++) {
        uint32_t most = 16u << next_random(&random) % 7;
        sizes[i] = 1 + next_random(&random) % most;
    }
    for (uint32_t i = 0; i < BATCH; i++) {
        uint32_t other = next_random(&random) % (i + 1);
        order[i] = order[other];
        order[other] = i;
    }
}

/* --- workloads: nanoseconds per block ----------------------------------------------------------------------------- */

static double pairs(void) {
    double start = now_ns();
    for (size_t i = 0; i < PAIRS; i++) {
        unsigned char *block = take(sizes[i % SIZES]);
        *(volatile unsigned char *)block = 1;
        give(block);
    }
    return (now_ns() - start) / PAIRS;
}

static double batches(void) {
    enum { TIMES = 20 };
    static _Thread_local void *blocks[BATCH];
    double start = now_ns();
    for (size_t round = 0; round < TIMES; round++) {
        for (size_t i = 0; i < BATCH; i++) {
            blocks[i] = take(sizes[i % SIZES]);
            *(volatile unsigned char *)blocks[i] = 1;
        }
        for (size_t i = 0; i < BATCH; i++) {
            give(blocks[order[i]]);
        }
    }
    return (now_ns() - start) / (TIMES * BATCH);
}

double fastest(double (*body)(void)) {
    double best = 1e300;
    for (int round = 0; round < ROUNDS; round++) {
        double taken = body();
        best = taken < best ? taken : best;
    }
    return best;
}

/* --- two threads -------------------------------------------------------------------------------------------------- */

typedef struct Runner {
    pthread_barrier_t *barrier;
    double (*body)(void);
    size_t rounds;
    double seconds;
} Runner;

static void *run_rounds(void *context) {
    Runner *runner = context;
    runner->body();
    pthread_barrier_wait(runner->barrier);
    double start = now_ns();
    for (size_t round = 0; round < runner->rounds; round++) {
        runner->body();
    }
    runner->seconds = now_ns() - start;
    return NULL;
}

/* Nanoseconds that `rounds` of the body take when `count` threads run as many at a time: the slowest thread's. */
static double threaded(double (*body)(void), size_t count) {
    Runner runners[2];
    pthread_t threads[2];
    pthread_barrier_t barrier;
    double best = 1e300;
    for (int attempt = 0; attempt < 5; attempt++) {
        double slowest = 0;
        pthread_barrier_init(&barrier, NULL, (unsigned)count);
        for (size_t i = 0; i < count; i++) {
            runners[i] = (Runner){.barrier = &barrier, .body = body, .rounds = 10};
            pthread_create(&threads[i], NULL, run_rounds, &runners[i]);
        }
        for (size_t i = 0; i < count; i++) {
            pthread_join(threads[i], NULL);
            slowest = runners[i].seconds > slowest ? runners[i].seconds : slowest;
        }
        pthread_barrier_destroy(&barrier);
        best = slowest < best ? slowest : best;
    }
    return best;
}

/* What processes share. */
typedef struct Start {
    pthread_barrier_t barrier;
    Runner runners[2];
} Start;

/* As threaded(), of processes: what is lost here the machine takes, not the allocator. */
static double forked(double (*body)(void), size_t count) {
    Start *start = mmap(NULL, sizeof *start, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_barrierattr_t shared;
    double best = 1e300;
    or_die(start != MAP_FAILED ? start : NULL);
    pthread_barrierattr_init(&shared);
    pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    for (int attempt = 0; attempt < 5; attempt++) {
        double slowest = 0;
        pthread_barrier_init(&start->barrier, &shared, (unsigned)count);
        for (size_t i = 0; i < count; i++) {
            start->runners[i] = (Runner){.barrier = &start->barrier, .body = body, .rounds = 10};
            pid_t child = fork();
            if (child == 0) {
                run_rounds(&start->runners[i]);
                _exit(EXIT_SUCCESS);
            }
            or_die(child > 0 ? start : NULL);
        }
        for (size_t i = 0; i < count; i++) {
            wait(NULL);
        }
        for (size_t i = 0; i < count; i++) {
            slowest = start->runners[i].seconds > slowest ? start->runners[i].seconds : slowest;
        }
        pthread_barrier_destroy(&start->barrier);
        best = slowest < best ? slowest : best;
    }
    return best;
}

static bool in_processes;

/* Blocks per second of two threads / of one. */
static double scaling(double (*body)(void)) {
    double (*run)(double (*body)(void), size_t count) = in_processes ? forked : threaded;
    return 2 * run(body, 1) / run(body, 2);
}

static double pairs_scaling(void) {
    return scaling(pairs);
}

static double batches_scaling(void) {
    return scaling(batches);
}

/* --- allocate here, free there ------------------------------------------------------------------------------------ */

enum { PARCELS = 64, PARCEL_BLOCKS = 64, REMOTE_BLOCKS = 1 << 20 };

/* A ring of parcels of blocks. Invariant: taken <= filled <= taken + PARCELS. */
typedef struct Ring {
    void *blocks[PARCELS][PARCEL_BLOCKS];
    _Alignas(64) atomic_size_t filled;
    _Alignas(64) atomic_size_t taken;
} Ring;

static void *free_there(void *context) {
    Ring *ring = context;
    for (size_t parcel = 0; parcel < REMOTE_BLOCKS / PARCEL_BLOCKS; parcel++) {
        while (atomic_load_explicit(&ring->filled, memory_order_acquire) == parcel) {
            sched_yield();
        }
        for (size_t i = 0; i < PARCEL_BLOCKS; i++) {
            give(ring->blocks[parcel % PARCELS][i]);
        }
        atomic_store_explicit(&ring->taken, parcel + 1, memory_order_release);
    }
    return NULL;
}

static double remote(void) {
    static Ring ring;
    pthread_t thread;
    atomic_store(&ring.filled, 0);
    atomic_store(&ring.taken, 0);
    double start = now_ns();
    pthread_create(&thread, NULL, free_there, &ring);
    for (size_t parcel = 0; parcel < REMOTE_BLOCKS / PARCEL_BLOCKS; parcel++) {
        while (atomic_load_explicit(&ring.taken, memory_order_acquire) + PARCELS == parcel) {
            sched_yield();
        }
        for (size_t i = 0; i < PARCEL_BLOCKS; i++) {
            void *block = take(sizes[(parcel * PARCEL_BLOCKS + i) % SIZES]);
            *(volatile unsigned char *)block = 1;
            ring.blocks[parcel % PARCELS][i] = block;
        }
        atomic_store_explicit(&ring.filled, parcel + 1, memory_order_release);
    }
    pthread_join(thread, NULL);
    return (now_ns() - start) / REMOTE_BLOCKS;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static double resident_bytes(void) {
    char text[128] = "";
    int file = open("/proc/self/statm", O_RDONLY);
    ssize_t bytes = file >= 0 ? read(file, text, sizeof text - 1) : 0;
    if (file >= 0) {
        close(file);
    }
    char *resident = bytes > 0 ? strchr(text, ' ') : NULL;
    return resident != NULL ? strtod(resident, NULL) * (double)sysconf(_SC_PAGESIZE) : 0;
}

/* Resident bytes per byte of payload of a million blocks of 48 bytes. */
static double overhead(void) {
    enum { COUNT = 1000000, BYTES = 48 };
    void **blocks = or_die(
        mmap(NULL, COUNT * sizeof(void *), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
    double before = resident_bytes();
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = memset(take(BYTES), 1, BYTES);
    }
    return (resident_bytes() - before) / ((double)COUNT * BYTES);
}

/* Sizes of the blocks of a phase: a dozen times every block is replaced, in random order. */
static size_t small_sizes(uint32_t phase, uint32_t *random) {
    (void)phase;
    return sizes[next_random(random) % SIZES];
}

static size_t all_sizes(uint32_t phase, uint32_t *random) {
    (void)phase;
    size_t octave = (size_t)16 << next_random(random) % 8;
    return octave + next_random(random) % octave;
}

static size_t drifting_sizes(uint32_t phase, uint32_t *random) {
    size_t octave = (size_t)16 << (phase * 4 % 6 + next_random(random) % 3);
    return octave + next_random(random) % octave;
}

/* Resident bytes per live byte at the end. */
static double churn_of(size_t (*size_in)(uint32_t phase, uint32_t *random)) {
    enum { LIVE = 100000, PHASES = 12 };
    typedef struct Block {
        void *bytes;
        size_t size;
    } Block;
    Block *blocks = or_die(
        mmap(NULL, LIVE * sizeof(Block), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
    uint32_t random = 99;
    double before = resident_bytes();
    size_t live = 0;
    for (uint32_t step = 0; step < LIVE * PHASES; step++) {
        Block *block = &blocks[next_random(&random) % LIVE];
        uint32_t phase = step / LIVE;
        if (block->bytes != NULL) {
            live -= block->size;
            give(block->bytes);
        }
        block->size = size_in(phase, &random);
        block->bytes = memset(take(block->size), 1, block->size);
        live += block->size;
    }
    return (resident_bytes() - before) / (double)live;
}

static double churn(void) {
    return churn_of(small_sizes);
}

static double large_churn(void) {
    return churn_of(all_sizes);
}

static double drifting_churn(void) {
    return churn_of(drifting_sizes);
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

typedef struct Workload {
    const char *name;
    const char *what;
    double (*run)(void);
    bool fastest; /* of several rounds */
    bool pool_only;
    const char *must_be;
} Workload;

static const Workload workloads[] = {
    {"pair", "allocate + free, 1 to 1,024 bytes, ns", pairs, true, false, "pool <= 1.2 x glibc"},
    {"batch", "10,000 blocks, freed in random order, ns", batches, true, false, "pool <= 1.2 x glibc"},
    {"pair2", "throughput of pair, two threads / one", pairs_scaling, false, false, "pool >= 1.6"},
    {"batch2", "throughput of batch, two threads / one", batches_scaling, false, false, ""},
    {"remote", "allocate here, free there, ns", remote, true, false, "pool <= glibc"},
    {"overhead", "resident / payload, a million of 48 bytes", overhead, false, false, "pool <= 1.10"},
    {"churn", "resident / live after a churn, pair's sizes", churn, false, false, "pool <= glibc"},
    {"churn8k", "the same, 16 bytes to 8 KiB", large_churn, false, false, ""},
    {"drift", "the same, sizes that drift", drifting_churn, false, false, ""},
    {"small", "small objects: pool_alloc / arena_alloc", small_objects, false, true, "pool >= 5"},
    {"arena", "default arena: create + destroy, ns", arena_lives, true, true, "pool <= 150"},
    {"retained", "64 MiB per cycle: fresh mmap / pool", retained, false, true, "pool >= 3"},
};
enum { WORKLOADS = sizeof workloads / sizeof workloads[0] };

typedef struct Peer {
    const char *name;
    const char *what;
    const char *library; /* preloaded; NULL: none */
} Peer;

static const Peer peers[] = {
    {"pool", "pool", NULL},
    {"glibc", "malloc", NULL},
    {"jemalloc", "malloc", "libjemalloc.so.2"},
    {"tcmalloc", "malloc", "libtcmalloc_minimal.so.4"},
    {"mimalloc", "malloc", "libmimalloc.so.2"},
};
enum { PEERS = sizeof peers / sizeof peers[0] };

/* The figure that a process of its own prints, and what preloading says when the library is not there; negative:
 * none. */
static double measure(const char *self, const Workload *workload, const Peer *peer) {
    char command[1024];
    char line[256] = "";
    snprintf(command, sizeof command, "%s%s %s %s %s 2>&1", peer->library != NULL ? "LD_PRELOAD=" : "",
             peer->library != NULL ? peer->library : "", self, workload->name, peer->what);
    FILE *output = popen(command, "r");
    bool read = output != NULL && fgets(line, sizeof line, output) != NULL;
    if (output != NULL) {
        pclose(output);
    }
    char *end = line;
    double figure = read ? strtod(line, &end) : -1;
    return end != line ? figure : -1;
}

static int print_table(const char *self) {
    printf("%-9s %-42s", "", "");
    for (size_t i = 0; i < PEERS; i++) {
        printf(" %9s", peers[i].name);
    }
    printf(" %12s  must be\n", "pool / glibc");
    for (size_t w = 0; w < WORKLOADS; w++) {
        printf("%-9s %-42s", workloads[w].name, workloads[w].what);
        double figures[PEERS] = {0};
        for (size_t i = 0; i < (workloads[w].pool_only ? 1 : PEERS); i++) {
            figures[i] = measure(self, &workloads[w], &peers[i]);
            if (figures[i] >= 0) {
                printf(" %9.2f", figures[i]);
            } else {
                printf(" %9s", "-"); /* not installed */
            }
            fflush(stdout);
        }
        if (workloads[w].pool_only) {
            printf("%*s  %s\n", (PEERS - 1) * 10 + 13, "", workloads[w].must_be);
        } else {
            printf(" %12.2f  %s\n", figures[0] / figures[1], workloads[w].must_be); /* the first two are always there */
        }
    }
    return EXIT_SUCCESS;
}

/* --- main --------------------------------------------------------------------------------------------------------- */

static int run_warm(size_t count) {
    Pool *pool = or_die(pool_create());
    for (size_t i = 0; i < 100; i++) {
        arena_destroy(or_die(arena_create_default(pool)));
    }
    getppid();
    for (size_t i = 0; i < count; i++) {
        arena_destroy(or_die(arena_create_default(pool)));
    }
    getppid();
    pool_destroy(pool);
    return EXIT_SUCCESS;
}

static int run_one(const char *name, const char *what) {
    in_processes = strcmp(what, "processes") == 0;
    bool is_pool = in_processes || strcmp(what, "pool") == 0;
    fill_tables();
    allocator =
        is_pool ? (Allocator){pool_alloc, pool_give, or_die(pool_create())} : (Allocator){heap_take, heap_give, NULL};
    for (size_t w = 0; w < WORKLOADS; w++) {
        if (strcmp(workloads[w].name, name) == 0) {
            printf("%.4f\n", workloads[w].fastest ? fastest(workloads[w].run) : workloads[w].run());
            return EXIT_SUCCESS;
        }
    }
    fprintf(stderr, "pool_bench: no such workload: %s\n", name);
    return EXIT_FAILURE;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "warm") == 0) {
        return run_warm(strtoul(argv[2], NULL, 10));
    }
    return argc == 3 ? run_one(argv[1], argv[2]) : print_table(argv[0]);
}
