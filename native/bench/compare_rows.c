/* SPDX-License-Identifier: Apache-2.0
 * compare_rows.c - the table of what is compared, and what must hold. */
#include "compare.h"

static const Peer corral = {"corral", "corral", NULL};
static const Peer bumpalo = {"bumpalo", "bumpalo", NULL};
static const Peer obstack = {"obstack", "obstack", NULL};
static const Peer apr = {"apr", "apr", NULL};
static const Peer talloc = {"talloc", "talloc", NULL};
static const Peer pool = {"pool", "pool", NULL};
static const Peer glibc = {"glibc", "malloc", NULL};
static const Peer jemalloc = {"jemalloc", "malloc", "libjemalloc.so.2"};
static const Peer tcmalloc = {"tcmalloc", "malloc", "libtcmalloc_minimal.so.4"};
static const Peer mimalloc = {"mimalloc", "malloc", "libmimalloc.so.2"};

static const Peer *const all[] = {&corral, &bumpalo,  &obstack,  &apr,      &talloc, &pool,
                                  &glibc,  &jemalloc, &tcmalloc, &mimalloc, NULL};
static const Peer *const arenas[] = {&corral, &bumpalo, &obstack, &apr, &talloc, NULL};
static const Peer *const heaps[] = {&pool, &glibc, &jemalloc, &tcmalloc, &mimalloc, NULL};

/* Two processes in place of two threads share nothing but the machine: how far it lets anything scale. */
static const Peer processes = {"poolInTwoProcesses", "processes", NULL};
static const Peer *const threads[] = {&pool, &processes, &glibc, &jemalloc, &tcmalloc, &mimalloc, NULL};

static const Peer *const only_pool[] = {&pool, NULL};

/* What structures do, beside what a program would use without them. */
static const Peer slot_pool = {"slotPool", "slotPool", NULL};
static const Peer object_pool = {"objectPool", "objectPool", NULL};
static const Peer stack_frame = {"stackFrame", "stackFrame", NULL};
static const Peer borrowed = {"arenaBorrowed", "borrowed", NULL};
static const Peer fresh = {"arena", "fresh", NULL};
static const Peer unit = {"lifetimesUnit", "unit", NULL};
static const Peer *const slots[] = {&slot_pool, &glibc, &jemalloc, &tcmalloc, &mimalloc, NULL};
static const Peer *const objects[] = {&object_pool, &pool, &glibc, &jemalloc, &tcmalloc, &mimalloc, NULL};
static const Peer *const frames[] = {&stack_frame, &glibc, &jemalloc, &tcmalloc, &mimalloc, NULL};
static const Peer *const requests[] = {&borrowed, &fresh, &unit, &glibc, &jemalloc, &tcmalloc, &mimalloc, NULL};

/* Not allocators, but sizes: their columns are compared with each other. */
static const Peer size1 = {"1", "1", NULL};
static const Peer size16 = {"16", "16", NULL};
static const Peer size128 = {"128", "128", NULL};
static const Peer size1024 = {"1024", "1024", NULL};
static const Peer size8192 = {"8192", "8192", NULL};
static const Peer *const sizes[] = {&size1, &size16, &size128, &size1024, &size8192, NULL};
static const Peer *const small_sizes[] = {&size1, &size16, &size128, NULL};
static const Peer count1 = {"1", "1", NULL};
static const Peer count100 = {"100", "100", NULL};
static const Peer count10000 = {"10000", "10000", NULL};
static const Peer *const counts[] = {&count1, &count100, &count10000, NULL};

#define NS "ns/block"
#define BARE "allocate all, write a byte of each, take back"
#define FULL "the same, every byte written"
#define WASTE "held and not asked for"
#define RESIDENT "resident bytes per byte asked for"

const Row rows[] = {
    {PEER_BENCH, "unit", "small", BARE, NS, all, LESS, {{"corral", "bumpalo", 1.0}, {"corral", "pool", 0.2}}},
    {PEER_BENCH, "unit", "json", BARE, NS, all, LESS, {{"corral", "bumpalo", 1.0}, {"corral", "pool", 0.2}}},
    {PEER_BENCH, "unit", "compiler", BARE, NS, all, LESS, {{"corral", "bumpalo", 1.0}}},
    {PEER_BENCH, "written", "small", FULL, NS, all, LESS, {{"corral", "bumpalo", 1.0}}},
    {PEER_BENCH, "written", "json", FULL, NS, all, LESS, {{"corral", "bumpalo", 1.0}}},
    {PEER_BENCH, "written", "compiler", FULL, NS, all, LESS, {{"corral", "bumpalo", 1.0}}},
    {PEER_BENCH, "replay", "compiler", "allocate and free as recorded", NS, heaps, LESS, {{"pool", "glibc", 1.2}}},
    {PEER_BENCH, "waste", "small", WASTE, "%", arenas, LESS, {{0}}},
    {PEER_BENCH, "waste", "json", WASTE, "%", arenas, LESS, {{0}}},
    {PEER_BENCH, "waste", "compiler", WASTE, "%", arenas, LESS, {{0}}},
    {PEER_BENCH, "waste", "pages", WASTE, "%", arenas, LESS, {{"corral", NULL, 9}}},
    {PEER_BENCH, "resident", "json", RESIDENT, "ratio", all, LESS, {{0}}},
    {PEER_BENCH, "resident", "compiler", RESIDENT, "ratio", all, LESS, {{0}}},
    {POOL_BENCH, "pair", "", "allocate and free, 1 to 1,024 bytes", NS, heaps, LESS, {{"pool", "glibc", 1.2}}},
    {POOL_BENCH, "batch", "", "10,000 blocks freed in random order", NS, heaps, LESS, {{"pool", "glibc", 1.2}}},
    {POOL_BENCH, "pair2", "", "time of two threads, in that of one", "ratio", threads, MORE, {{"pool", NULL, 0.625}}},
    {POOL_BENCH, "overhead", "", RESIDENT ", 48 bytes", "ratio", heaps, LESS, {{"pool", NULL, 1.1}}},
    {POOL_BENCH, "churn", "", RESIDENT " after a churn", "ratio", heaps, LESS, {{"pool", "glibc", 1.0}}},
    {POOL_BENCH, "arena", "", "create and destroy a default arena", "ns", only_pool, LESS, {{"pool", NULL, 150}}},
    {SCALE_BENCH,
     "first",
     "MiB",
     "blocks of 64 bytes from a new pool, untouched",
     NS,
     sizes,
     LESS,
     {{"8192", "1", 1.3}}},
    {SCALE_BENCH, "again", "MiB", "the same after a reset", NS, sizes, LESS, {{"8192", "1", 1.3}}},
    {SCALE_BENCH, "touched", "MiB", "the same from a new pool, a byte of each written", NS, small_sizes, LESS, {{0}}},
    {SCALE_BENCH, "reset", "MiB", "reset", "ns", sizes, LESS, {{0}}},
    {SCALE_BENCH, "chunks", "chunks", "reset", "ns", counts, LESS, {{"10000", "1", 1.2}}},
    {SCALE_BENCH, "close", "MiB", "close", "ns/chunk", sizes, LESS, {{0}}},
    {SCALE_BENCH, "arenas", "at once", "create, 16 blocks by turns, close", "ns/arena", counts, LESS, {{0}}},
    {SLOT_BENCH,
     "slots",
     "",
     "the oldest of 1,000 ints goes, one comes",
     "ns/int",
     slots,
     LESS,
     {{"slotPool", "glibc", 1}}},
    {SLOT_BENCH, "slotRegion", "", "a million ints go", "ns/int", slots, LESS, {{"slotPool", "glibc", 0.02}}},
    {SLOT_BENCH, "slotCycle", "", "a million ints come and go", "ns/int", slots, LESS, {{"slotPool", "glibc", 1}}},
    {OBJECT_BENCH, "objectPairs", "", "64 bytes come and go", "ns/pair", objects, LESS, {{"objectPool", "pool", 0.5}}},
    {OBJECT_BENCH,
     "objects",
     "",
     "the oldest of 1,000 goes, one comes",
     "ns/pair",
     objects,
     LESS,
     {{"objectPool", "pool", 0.5}}},
    {OBJECT_BENCH, "frames", "", "a frame with 64 bytes", "ns/frame", frames, LESS, {{0}}},
    {RECYCLER_BENCH,
     "requests",
     "",
     "borrow, 16 blocks, return",
     "ns/request",
     requests,
     LESS,
     {{"arenaBorrowed", "arena", 1}}},
};
const char *const program_names[PROGRAMS] = {"peer_bench", "pool_bench",   "scale_bench",
                                             "slot_bench", "object_bench", "recycler_bench"};
const size_t row_count = sizeof rows / sizeof rows[0];
