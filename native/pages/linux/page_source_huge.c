/* SPDX-License-Identifier: Apache-2.0
 * page_source_huge.c (Linux) - huge pages: from the kernel's pool of them, or by advice.
 * Layer: pages. May include: base/. Threads: any; a source is read-only after it was made.
 *
 * Whether a reservation is rounded up to whole huge pages depends on its size alone, not on which kind it got: so its
 * release needs no record. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/align.h"
#include "mapping.h"
#include "shared_source.h"

#define HUGE_DEFAULT ((size_t)2 << 20) /* where the system does not say */
#define HUGE_MOST ((size_t)32 << 20)   /* larger ones are no unit for a pool's regions */
#define WASTE_MOST 8                   /* PREFERRED: a reservation may be rounded up by an eighth */
#define SIZE_SHIFT 26                  /* MAP_HUGE_SHIFT: from there the flags of mmap hold the size's logarithm */

typedef struct HugeSource {
    SharedSource shared;
    HugePages how;
    size_t huge; /* bytes of a huge page */
    int zeros;   /* /dev/zero; -1 for ADVISED */
} HugeSource;

/* --- sizes -------------------------------------------------------------------------------------------------------- */

/* Bytes of a transparent huge page; the default where there are none. */
static size_t huge_page_size(void) {
    unsigned long long bytes = 0;
    FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "re");
    bool known = file != NULL && fscanf(file, "%llu", &bytes) == 1;
    if (file != NULL) {
        fclose(file);
    }
    return known && bytes <= HUGE_MOST && is_power_of_two((size_t)bytes) ? (size_t)bytes : HUGE_DEFAULT;
}

/* What a reservation of `bytes` really takes: more than `bytes` only when it is to be whole huge pages. */
static size_t taken_bytes(const HugeSource *source, size_t bytes) {
    size_t rounded;
    if (source->how == HUGE_PAGES_ADVISED || bytes < source->huge || !checked_align_up(bytes, source->huge, &rounded)) {
        return bytes;
    }
    bool worth_it = source->how == HUGE_PAGES_REQUIRED || rounded - bytes <= bytes / WASTE_MOST;
    return worth_it ? rounded : bytes;
}

/* --- both kinds --------------------------------------------------------------------------------------------------- */

/* Has the kernel write to each page. Where a control group has no huge pages the mapping succeeds all the same, and the
 * process would be killed when it touches the memory: a system call returns an error instead. */
static bool touch_all(const HugeSource *source, char *pages, size_t bytes) {
    for (size_t offset = 0; offset < bytes; offset += source->huge) {
        if (read(source->zeros, pages + offset, 1) != 1) {
            return false;
        }
    }
    return true;
}

static void *reserve_explicit(const HugeSource *source, size_t bytes, size_t alignment) {
    int flags = MAP_HUGETLB | (int)floor_log2(source->huge) << SIZE_SHIFT;
    char *pages = mapping_reserve(bytes, alignment, source->huge, PROT_READ | PROT_WRITE, flags);
    if (pages != NULL && !touch_all(source, pages, bytes)) {
        mapping_release(pages, bytes);
        return NULL;
    }
    return pages;
}

static void *reserve_advised(size_t bytes, size_t alignment) {
    void *pages = mapping_reserve(bytes, alignment, page_source_system()->page_size, PROT_READ | PROT_WRITE, 0);
    if (pages != NULL) {
        madvise(pages, bytes, MADV_HUGEPAGE); /* refused where there are none: ordinary pages are what is left */
    }
    return pages;
}

static void *huge_reserve(void *context, size_t bytes, size_t alignment) {
    const HugeSource *source = context;
    if (bytes < source->huge) {
        return page_source_system()->reserve(NULL, bytes, alignment);
    }
    size_t taken = taken_bytes(source, bytes);
    alignment = alignment > source->huge ? alignment : source->huge;
    void *pages = taken % source->huge == 0 && source->how != HUGE_PAGES_ADVISED
                      ? reserve_explicit(source, taken, alignment)
                      : NULL;
    return pages != NULL || source->how == HUGE_PAGES_REQUIRED ? pages : reserve_advised(taken, alignment);
}

static bool huge_release(void *context, void *pages, size_t bytes) {
    return mapping_release(pages, taken_bytes(context, bytes));
}

/* Pages of the kernel's pool are not given back: some kernels forget that they were reserved for this mapping, and a
 * later touch could be the end of the process. The first advice is refused for them, and harmless for the others. */
static bool huge_discard(void *context, void *pages, size_t bytes) {
    size_t taken = taken_bytes(context, bytes);
    return madvise(pages, taken, MADV_FREE) == 0 && madvise(pages, taken, MADV_DONTNEED) == 0;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

static void huge_finish(void *context) {
    const HugeSource *source = context;
    if (source->zeros >= 0) {
        close(source->zeros);
    }
}

/* Without /dev/zero nobody can say whether pages can be touched: PREFERRED is ADVISED then. */
static void open_zeros(HugeSource *source) {
    source->zeros = source->how != HUGE_PAGES_ADVISED ? open("/dev/zero", O_RDONLY | O_CLOEXEC) : -1;
    if (source->zeros < 0 && source->how == HUGE_PAGES_PREFERRED) {
        source->how = HUGE_PAGES_ADVISED;
    }
}

static bool one_can_be_had(const HugeSource *source) {
    void *page = source->zeros >= 0 ? reserve_explicit(source, source->huge, source->huge) : NULL;
    return page != NULL && mapping_release(page, source->huge);
}

PageSource *page_source_huge_pages(HugePages how, PageSourceError *error) {
    if (how != HUGE_PAGES_ADVISED && how != HUGE_PAGES_PREFERRED && how != HUGE_PAGES_REQUIRED) {
        return source_refused(error, CORRAL_INVALID_ARGUMENT, "how=%d: pass one of HUGE_PAGES_...", (int)how);
    }
    size_t huge = huge_page_size();
    PageSource table = {.name = "huge pages",
                        .page_size = page_source_system()->page_size,
                        .reserve = huge_reserve,
                        .release = huge_release,
                        .discard = huge_discard,
                        .region_size = huge};
    HugeSource *source = shared_source_new(sizeof *source, &table, huge_finish, error);
    if (source == NULL) {
        return NULL;
    }
    source->how = how;
    source->huge = huge;
    open_zeros(source);
    if (how == HUGE_PAGES_REQUIRED && !one_can_be_had(source)) {
        page_source_close(&source->shared.table);
        return source_refused(error, CORRAL_NOT_SUPPORTED,
                              "huge_page_bytes=%zu: the system has none left for this process; raise vm.nr_hugepages, "
                              "or do not require them",
                              huge);
    }
    return &source->shared.table;
}
