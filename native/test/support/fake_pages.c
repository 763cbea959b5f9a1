/* SPDX-License-Identifier: Apache-2.0
 * fake_pages.c - the page source of fake_pages.h, on top of calloc. */
#include "support/fake_pages.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/align.h"
#include "base/poison.h"
#include "support/test.h"

#define FAKE_PAGE_SIZE 4096
#define RELEASED_BYTE 0xDD
#define RUNS_MAX 100000 /* of one body: more means that it asks for more and more pages */

/* One reservation. Invariant: block <= pages, and pages + bytes <= block + block_bytes. */
typedef struct FakeRecord {
    struct FakeRecord *next;
    unsigned char *block; /* what calloc returned */
    size_t block_bytes;
    unsigned char *pages; /* what the caller got */
    size_t bytes;
} FakeRecord;

static atomic_size_t live_everywhere;

/* fake_pages_inject(): set while no other thread runs. */
static size_t inject_at;
static bool inject_paused;
static size_t inject_run;
static atomic_size_t requests;
static _Thread_local size_t injected_here;

#define FIRST_REQUESTS 64  /* that fail one by one */
#define FIRST_OF_A_KIND 12 /* the same, of each size and alignment */
#define KINDS_MAX 64
#define CHOSEN_MAX 4096

typedef struct RequestKind {
    size_t bytes;
    size_t alignment;
    size_t count;
} RequestKind;

/* fake_pages_choose(). All but `active` under the lock, as threads may be reserving. */
static struct {
    bool active;
    OsLock lock;
    size_t kinds;
    RequestKind kind[KINDS_MAX];
    size_t next; /* the next request that is chosen whatever its kind */
    size_t count;
    size_t chosen[CHOSEN_MAX];
} chooser;

static FakeRecord **bucket_of(FakePages *fake, const void *pages) {
    return &fake->records[((uintptr_t)pages >> 12) % FAKE_PAGES_BUCKETS];
}

/* The bytes around the pages: nobody's. */
static void close_surroundings(const FakeRecord *record) {
    size_t before = (size_t)(record->pages - record->block);
    memory_close(record->block, before);
    memory_close(record->pages + record->bytes, record->block_bytes - before - record->bytes);
}

static RequestKind *kind_of(size_t bytes, size_t alignment) {
    size_t i = 0;
    while (i < chooser.kinds && (chooser.kind[i].bytes != bytes || chooser.kind[i].alignment != alignment)) {
        i++;
    }
    if (i == chooser.kinds && i < KINDS_MAX - 1) {
        chooser.kind[chooser.kinds++] = (RequestKind){.bytes = bytes, .alignment = alignment};
    }
    return &chooser.kind[i]; /* the last one is for all the kinds that are too many */
}

static void choose(size_t request, size_t bytes, size_t alignment) {
    os_lock_take(&chooser.lock);
    RequestKind *kind = kind_of(bytes, alignment);
    bool is_early = request <= FIRST_REQUESTS || ++kind->count <= FIRST_OF_A_KIND;
    if ((is_early || request >= chooser.next) && chooser.count < CHOSEN_MAX) {
        chooser.chosen[chooser.count++] = request;
        chooser.next = request + request / 8;
    }
    os_lock_release(&chooser.lock);
}

/* True once, for the request that is to fail. */
static bool is_injected(size_t bytes, size_t alignment) {
    if (inject_paused) {
        return false;
    }
    size_t request = atomic_fetch_add_explicit(&requests, 1, memory_order_relaxed) + 1;
    if (chooser.active) {
        choose(request, bytes, alignment);
    }
    injected_here += request == inject_at;
    return request == inject_at;
}

void fake_pages_choose(void) {
    static bool is_first = true;
    if (is_first) {
        CHECK_TRUE(os_lock_init(&chooser.lock));
        is_first = false;
    }
    fake_pages_inject(0);
    chooser.active = true;
    chooser.kinds = chooser.count = chooser.next = 0;
    memset(chooser.kind, 0, sizeof chooser.kind);
}

const size_t *fake_pages_chosen(size_t *count) {
    *count = chooser.count;
    return chooser.chosen;
}

void fake_pages_inject(size_t n) {
    inject_at = n;
    inject_run++;
    chooser.active = false;
    atomic_store(&requests, 0);
}

size_t fake_pages_run(void) {
    return inject_run;
}

bool fake_pages_injecting(void) {
    return inject_at != 0;
}

size_t fake_pages_injected_here(void) {
    return injected_here;
}

static bool may_reserve(FakePages *fake, size_t bytes) {
    size_t call = ++fake->reserve_calls;
    bool fails = fake->fail_at != 0 && (call == fake->fail_at || (fake->fail_from && call > fake->fail_at));
    return !fails && bytes <= fake->byte_limit && fake->live_bytes <= fake->byte_limit - bytes;
}

static FakeRecord *new_record(size_t bytes, size_t alignment) {
    FakeRecord *record = calloc(1, sizeof *record);
    size_t block_bytes;
    if (record == NULL || !checked_add(bytes, alignment, &block_bytes)) {
        free(record);
        return NULL;
    }
    record->block = calloc(1, block_bytes);
    if (record->block == NULL) {
        free(record);
        return NULL;
    }
    record->block_bytes = block_bytes;
    record->pages = record->block + align_gap((uintptr_t)record->block, alignment);
    record->bytes = bytes;
    close_surroundings(record);
    return record;
}

static void check_request(const FakePages *fake, size_t bytes, size_t alignment) {
    size_t page_size = fake->source.page_size;
    CHECK_TRUE(bytes != 0 && bytes % page_size == 0);
    CHECK_TRUE(is_power_of_two(alignment) && alignment >= page_size);
}

static void *fake_reserve(void *context, size_t bytes, size_t alignment) {
    FakePages *fake = context;
    check_request(fake, bytes, alignment);
    if (is_injected(bytes, alignment)) {
        return NULL;
    }
    os_lock_take(&fake->lock);
    FakeRecord *record = may_reserve(fake, bytes) ? new_record(bytes, alignment) : NULL;
    if (record != NULL) {
        FakeRecord **bucket = bucket_of(fake, record->pages);
        record->next = *bucket;
        *bucket = record;
        fake->live_count++;
        fake->live_bytes += bytes;
        fake->peak_bytes = fake->live_bytes > fake->peak_bytes ? fake->live_bytes : fake->peak_bytes;
        atomic_fetch_add(&live_everywhere, bytes);
    }
    void *pages = record != NULL ? record->pages : NULL;
    os_lock_release(&fake->lock);
    return pages;
}

/* Unlinks and returns the record that starts at `pages`; NULL when there is none. */
static FakeRecord *take_record(FakePages *fake, const void *pages) {
    for (FakeRecord **at = bucket_of(fake, pages); *at != NULL; at = &(*at)->next) {
        FakeRecord *record = *at;
        if (record->pages == pages) {
            *at = record->next;
            return record;
        }
    }
    return NULL;
}

static void free_record(FakePages *fake, FakeRecord *record) {
    fake->live_count--;
    fake->live_bytes -= record->bytes;
    atomic_fetch_sub(&live_everywhere, record->bytes);
    memory_open(record->block, record->block_bytes);
    memset(record->pages, RELEASED_BYTE, record->bytes);
    free(record->block);
    free(record);
}

static bool fake_release(void *context, void *pages, size_t bytes) {
    FakePages *fake = context;
    os_lock_take(&fake->lock);
    fake->release_calls++;
    FakeRecord *record = take_record(fake, pages);
    if (CHECK_TRUE(record != NULL)) {
        CHECK_EQ_U64(bytes, record->bytes);
        free_record(fake, record);
    }
    bool refused = fake->refuse_release;
    os_lock_release(&fake->lock);
    return !refused;
}

static const FakeRecord *find_record(FakePages *fake, const void *pages) {
    const FakeRecord *record = *bucket_of(fake, pages);
    while (record != NULL && record->pages != pages) {
        record = record->next;
    }
    return record;
}

static bool fake_discard(void *context, void *pages, size_t bytes) {
    FakePages *fake = context;
    os_lock_take(&fake->lock);
    fake->discard_calls++;
    const FakeRecord *record = find_record(fake, pages);
    bool discards = CHECK_TRUE(record != NULL && record->bytes == bytes) && !fake->refuse_discard;
    if (discards) {
        fake->discarded_bytes += bytes;
        memory_open(pages, bytes);
        memset(pages, 0, bytes);
    }
    os_lock_release(&fake->lock);
    return discards;
}

void fake_pages_open(FakePages *fake) {
    memset(fake, 0, sizeof *fake);
    fake->source = (PageSource){.name = "fake",
                                .page_size = FAKE_PAGE_SIZE,
                                .context = fake,
                                .reserve = fake_reserve,
                                .release = fake_release,
                                .discard = fake_discard};
    fake->byte_limit = SIZE_MAX;
    CHECK_TRUE(os_lock_init(&fake->lock));
}

void fake_pages_close(FakePages *fake) {
    CHECK_EQ_U64(fake->live_bytes, 0);
    for (size_t i = 0; i < FAKE_PAGES_BUCKETS; i++) {
        while (fake->records[i] != NULL) {
            FakeRecord *record = fake->records[i];
            fake->records[i] = record->next;
            free_record(fake, record);
        }
    }
    os_lock_destroy(&fake->lock);
}

size_t fake_pages_live(FakePages *fake) {
    os_lock_take(&fake->lock);
    size_t live = fake->live_bytes;
    os_lock_release(&fake->lock);
    return live;
}

size_t fake_pages_live_everywhere(void) {
    return atomic_load(&live_everywhere);
}

/* One run with the n-th call failing. Returns true when that call was never made, so that the run had to succeed. */
static bool run_failing(size_t n, bool fail_from, bool (*body)(FakePages *, void *), void *context) {
    FakePages fake;
    fake_pages_open(&fake);
    fake.fail_at = n;
    fake.fail_from = fail_from;
    bool succeeded = body(&fake, context);
    bool complete = fake.reserve_calls < n;
    if (complete) {
        CHECK_TRUE(succeeded);
    }
    if (fake_pages_live(&fake) != 0) {
        test_fail(__FILE__, __LINE__, "live after the run in which reserve call %zu%s failed: %zu bytes", n,
                  fail_from ? " and all later" : "", fake_pages_live(&fake));
    }
    fake_pages_close(&fake);
    return complete;
}

size_t for_each_failing_page(bool (*body)(FakePages *fake, void *context), void *context) {
    size_t runs = 0;
    inject_paused = true;
    for (int mode = 0; mode < 2; mode++) {
        bool complete = false;
        for (size_t n = 1; !complete && n <= RUNS_MAX && test_failures() == 0; n++) {
            complete = run_failing(n, mode == 1, body, context);
            runs++;
        }
        CHECK_TRUE(complete);
    }
    inject_paused = false;
    return runs;
}
