/* SPDX-License-Identifier: Apache-2.0
 * mapped_arena.c - opens a sealed file, and finds what references name in it.
 * Layer: structures. May include: pages/, base/. Threads: an open arena never changes.
 * The file is read, not touched through its mapping, until it is verified and after: a page that it loses meanwhile
 * would be a signal. What references need is copied out of it. */
#include <inttypes.h>
#include <string.h>

#include "base/align.h"
#include "mapped_parts.h"

/* One reservation of `pages`: [ MappedArena | table | content of the file, or a buffer to read it with ]
 * Invariant: chunks[i] is as MappedChunk says; bytes is the size of the mapping or of the copy at `content` */
struct MappedArena {
    uint32_t magic;      /* MAPPED_MAGIC */
    uint32_t generation; /* of the references */
    bool held;           /* Java's: see mapped_hold() */
    const unsigned char *content;
    const OsFiles *files;
    OsFile file; /* stays open when its pages are used */
    PageSource pages;
    size_t reserved; /* bytes of the reservation */
    MappedInfo info;
    char path[MAPPED_PATH_SHOWN + 2]; /* the end of it, one byte more than is shown */
    MappedChunk chunks[];
};

/* What is known of a file while it is being opened. */
typedef struct Opening {
    const OsFiles *files;
    const char *path;
    MappedError *error;
    OsFile file;
    uint64_t size;
    MappedHeader header;
} Opening;

/* --- references --------------------------------------------------------------------------------------------------- */

/* As mapped_resolve(), of a sound arena. */
static const void *find(const MappedArena *mapped, ArenaRef ref, size_t bytes) {
    uint32_t index = (uint32_t)(ref >> ARENA_REF_CHUNK_SHIFT) & ARENA_REF_CHUNK_MASK;
    uint32_t offset = (uint32_t)(ref & ARENA_REF_OFFSET_MASK);
    if (ref >> ARENA_REF_GENERATION_SHIFT != mapped->generation || index >= mapped->info.chunks) {
        return NULL;
    }
    const MappedChunk *chunk = &mapped->chunks[index];
    bool inside = chunk->offset != 0 && offset <= chunk->used && bytes <= chunk->used - offset;
    return inside ? mapped->content + chunk->offset + offset : NULL;
}

/* --- verifying ---------------------------------------------------------------------------------------------------- */

static CorralStatus read_at(const Opening *opening, void *target, size_t bytes, uint64_t offset) {
    OsFileError failed = opening->files->read(opening->file, target, bytes, offset);
    if (failed == OS_FILE_ENDED) {
        return mapped_refused(opening->error, CORRAL_FILE_DAMAGED, opening->path,
                              "it ends before byte %" PRIu64 ", which it had a moment ago: make it again",
                              offset + bytes);
    }
    return failed == 0 ? CORRAL_OK : mapped_system_refused(opening->error, failed, opening->path, "read it");
}

static CorralStatus foreign(const Opening *opening, const char *what, uint32_t found, uint32_t expected) {
    return mapped_refused(opening->error, CORRAL_FILE_FOREIGN, opening->path,
                          "%s=0x%" PRIx32 ", this machine has 0x%" PRIx32 ": make it on a machine of this kind", what,
                          found, expected);
}

static CorralStatus damaged(const Opening *opening, const char *what) {
    return mapped_refused(opening->error, CORRAL_FILE_DAMAGED, opening->path,
                          "%s: its bytes are not those that were sealed, make it again", what);
}

/* What says of which kind the file is, in the order in which it can be understood. */
static CorralStatus check_kind(const Opening *opening) {
    const MappedHeader *header = &opening->header;
    if (memcmp(header->magic, MAPPED_FILE_MAGIC, sizeof header->magic) != 0) {
        return mapped_refused(opening->error, CORRAL_FILE_FOREIGN, opening->path,
                              "it does not begin with " MAPPED_FILE_MAGIC ": it is no arena that was sealed");
    }
    if (header->byte_order != MAPPED_BYTE_ORDER) {
        return foreign(opening, "byte_order", header->byte_order, MAPPED_BYTE_ORDER);
    }
    if (header->version > MAPPED_VERSION) {
        return mapped_refused(opening->error, CORRAL_FILE_NEWER, opening->path,
                              "version=%" PRIu32 ", this library knows versions up to %d: use a newer library",
                              header->version, MAPPED_VERSION);
    }
    if (header->version != MAPPED_VERSION) {
        return damaged(opening, "there is no such version");
    }
    uint32_t page_size = (uint32_t)opening->files->page_size();
    if (header->page_size != page_size) {
        return foreign(opening, "page_size", header->page_size, page_size);
    }
    return header->alignment == MAPPED_ALIGNMENT
               ? CORRAL_OK
               : foreign(opening, "alignment", header->alignment, (uint32_t)MAPPED_ALIGNMENT);
}

/* The size before the checksum: a truncated file should be called one. */
static CorralStatus check_size(const Opening *opening) {
    const MappedHeader *header = &opening->header;
    if (opening->size != header->bytes) {
        return mapped_refused(opening->error, CORRAL_FILE_DAMAGED, opening->path,
                              "bytes=%" PRIu64 ", but %" PRIu64 " were sealed: it is %s, make it again", opening->size,
                              header->bytes, opening->size < header->bytes ? "truncated" : "longer than it was");
    }
    bool holds_table = header->bytes % MAPPED_PAGE == 0 && header->bytes <= SIZE_MAX / 2 &&
                       header->chunks <= ARENA_CHUNKS_MAX &&
                       header->bytes >= MAPPED_PAGE + (uint64_t)header->chunks * sizeof(MappedChunk);
    return holds_table ? CORRAL_OK : damaged(opening, "sizes do not fit");
}

static CorralStatus check_header(Opening *opening) {
    unsigned char page[MAPPED_PAGE];
    if (opening->size < sizeof page) {
        char start[sizeof opening->header.magic];
        bool ours = opening->size >= sizeof start && read_at(opening, start, sizeof start, 0) == CORRAL_OK &&
                    memcmp(start, MAPPED_FILE_MAGIC, sizeof start) == 0;
        return mapped_refused(opening->error, ours ? CORRAL_FILE_DAMAGED : CORRAL_FILE_FOREIGN, opening->path,
                              "bytes=%" PRIu64 ", a sealed arena has at least %zu: %s", opening->size, sizeof page,
                              ours ? "it is truncated, make it again" : "it is none");
    }
    CorralStatus status = read_at(opening, page, sizeof page, 0);
    memcpy(&opening->header, page, sizeof opening->header);
    if (status != CORRAL_OK || (status = check_kind(opening)) != CORRAL_OK ||
        (status = check_size(opening)) != CORRAL_OK) {
        return status;
    }
    memset(page + offsetof(MappedHeader, header_checksum), 0, sizeof opening->header.header_checksum);
    Checksum checksum;
    checksum_begin(&checksum);
    return checksum_end(&checksum, page, sizeof page) == opening->header.header_checksum
               ? CORRAL_OK
               : damaged(opening, "the checksum of its header differs");
}

/* Reads what follows the header, a buffer at a time or all of it into its place, and compares the checksum. */
static CorralStatus check_content(const Opening *opening, unsigned char *target, bool keeps) {
    Checksum checksum;
    checksum_begin(&checksum);
    uint64_t end = opening->header.bytes;
    for (uint64_t at = MAPPED_PAGE; at < end;) {
        size_t part = end - at < MAPPED_BUFFER ? (size_t)(end - at) : MAPPED_BUFFER;
        unsigned char *place = keeps ? target + at : target;
        CorralStatus status = read_at(opening, place, part, at);
        if (status != CORRAL_OK) {
            return status;
        }
        checksum_add(&checksum, place, part);
        at += part;
    }
    return checksum_end(&checksum, target, 0) == opening->header.content_checksum
               ? CORRAL_OK
               : damaged(opening, "the checksum of its content differs");
}

/* A checksum is no proof: whoever can make a file can make it with its checksum. */
static CorralStatus check_chunks(const Opening *opening, const MappedChunk *chunks) {
    uint64_t first = MAPPED_PAGE + (uint64_t)opening->header.chunks * sizeof *chunks;
    uint64_t bytes = opening->header.bytes;
    for (uint32_t index = 0; index < opening->header.chunks; index++) {
        const MappedChunk *chunk = &chunks[index];
        bool empty = chunk->used == 0 && chunk->offset == 0;
        bool inside = chunk->offset >= first && chunk->offset <= bytes && chunk->used <= bytes - chunk->offset &&
                      chunk->offset % MAPPED_ALIGNMENT == 0 && chunk->used <= ARENA_SIZE_LIMIT;
        if ((!empty && !inside) || chunk->zero != 0) {
            return damaged(opening, "a chunk lies outside");
        }
    }
    return CORRAL_OK;
}

static bool root_is_sound(const MappedArena *mapped) {
    bool sound = mapped->generation >= 1 && mapped->generation <= ARENA_GENERATION_MAX;
    return sound && (mapped->info.root == 0 || find(mapped, mapped->info.root, 0) != NULL);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static size_t content_place(uint32_t chunks) {
    return align_up(sizeof(MappedArena) + chunks * sizeof(MappedChunk), MAPPED_PAGE);
}

static MappedArena *reserve(const Opening *opening, const PageSource *pages, MappedHow how) {
    size_t content = how == MAPPED_LOADED ? (size_t)opening->header.bytes : MAPPED_BUFFER;
    size_t bytes = align_up(content_place(opening->header.chunks) + content, pages->page_size);
    MappedArena *mapped = pages->reserve(pages->context, bytes, pages->page_size);
    if (mapped == NULL) {
        mapped_refused(opening->error, CORRAL_NO_MEMORY, opening->path, "no memory for %zu bytes", bytes);
        return NULL;
    }
    const MappedHeader *header = &opening->header;
    size_t length = strlen(opening->path);
    *mapped = (MappedArena){.generation = header->generation,
                            .files = opening->files,
                            .pages = *pages,
                            .reserved = bytes,
                            .info = {.bytes = header->bytes,
                                     .used = header->used,
                                     .count = header->count,
                                     .tag = header->tag,
                                     .root = header->root,
                                     .chunks = header->chunks,
                                     .generation = header->generation,
                                     .how = how}};
    size_t hidden = length >= sizeof mapped->path ? length - (sizeof mapped->path - 1) : 0;
    memcpy(mapped->path, opening->path + hidden, length - hidden);
    return mapped;
}

/* Verifies what follows the header, and finds its memory. */
static CorralStatus fill(const Opening *opening, MappedArena *mapped, MappedHow how) {
    unsigned char *place = (unsigned char *)mapped + content_place(mapped->info.chunks);
    size_t table = mapped->info.chunks * sizeof(MappedChunk);
    CorralStatus status = check_content(opening, place, how == MAPPED_LOADED);
    if (status == CORRAL_OK && how == MAPPED_LOADED) {
        memcpy(mapped->chunks, place + MAPPED_PAGE, table);
    } else if (status == CORRAL_OK) {
        status = read_at(opening, mapped->chunks, table, MAPPED_PAGE);
    }
    mapped->content = place;
    if (status == CORRAL_OK) {
        status = check_chunks(opening, mapped->chunks);
    }
    if (status == CORRAL_OK && !root_is_sound(mapped)) {
        status = damaged(opening, "its root leads nowhere");
    }
    if (status == CORRAL_OK && how == MAPPED_SHARED) {
        const void *pages = NULL;
        OsFileError failed = opening->files->map(opening->file, (size_t)mapped->info.bytes, &pages);
        mapped->content = pages;
        status = failed == 0 ? CORRAL_OK : mapped_system_refused(opening->error, failed, opening->path, "map it");
    }
    return status;
}

static MappedArena *open_verified(Opening *opening, const PageSource *pages, MappedHow how) {
    if (check_header(opening) != CORRAL_OK) {
        return NULL;
    }
    MappedArena *mapped = reserve(opening, pages, how);
    if (mapped != NULL && fill(opening, mapped, how) != CORRAL_OK) {
        pages->release(pages->context, mapped, mapped->reserved);
        return NULL;
    }
    if (mapped != NULL) {
        mapped->magic = MAPPED_MAGIC;
        mapped_done(opening->error);
    }
    return mapped;
}

MappedArena *mapped_open_with(const OsFiles *files, const PageSource *pages, const char *path, MappedHow how,
                              MappedError *error) {
    if (path == NULL || (how != MAPPED_SHARED && how != MAPPED_LOADED)) {
        mapped_refused(error, CORRAL_INVALID_ARGUMENT, path, "how=%d: pass a file, and how to open it", (int)how);
        return NULL;
    }
    Opening opening = {.files = files, .path = path, .error = error};
    OsFileError failed = files->open(path, &opening.file, &opening.size);
    if (failed != 0) {
        mapped_system_refused(error, failed, path, "open it");
        return NULL;
    }
    MappedArena *mapped = open_verified(&opening, pages, how);
    if (mapped != NULL && how == MAPPED_SHARED) {
        mapped->file = opening.file;
    } else {
        files->close(opening.file);
    }
    return mapped;
}

MappedArena *mapped_open(const char *path, MappedHow how, MappedError *error) {
    return mapped_open_with(os_files(), page_source_system(), path, how, error);
}

static bool is_open(const MappedArena *mapped) {
    return mapped != NULL && mapped->magic == MAPPED_MAGIC;
}

void mapped_hold(MappedArena *mapped) {
    mapped->held = true;
}

CorralStatus mapped_close(MappedArena *mapped) {
    return is_open(mapped) && mapped->held ? CORRAL_FOREIGN_POINTER : mapped_end(mapped);
}

CorralStatus mapped_end(MappedArena *mapped) {
    if (!is_open(mapped)) {
        return CORRAL_INVALID_ARENA;
    }
    mapped->magic = 0;
    bool unmapped = true;
    if (mapped->info.how == MAPPED_SHARED) {
        unmapped = mapped->files->unmap(mapped->content, (size_t)mapped->info.bytes);
        mapped->files->close(mapped->file);
    }
    PageSource pages = mapped->pages;
    bool released = pages.release(pages.context, mapped, mapped->reserved);
    return unmapped && released ? CORRAL_OK : CORRAL_NO_MEMORY;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

ArenaRef mapped_root(const MappedArena *mapped) {
    return is_open(mapped) ? mapped->info.root : 0;
}

const void *mapped_resolve(const MappedArena *mapped, ArenaRef ref, size_t bytes) {
    return is_open(mapped) ? find(mapped, ref, bytes) : NULL;
}

CorralStatus mapped_info(const MappedArena *mapped, MappedInfo *info) {
    if (!is_open(mapped) || info == NULL) {
        return info == NULL ? CORRAL_INVALID_ARGUMENT : CORRAL_INVALID_ARENA;
    }
    *info = mapped->info;
    return CORRAL_OK;
}

CorralStatus mapped_chunk(const MappedArena *mapped, size_t index, const void **base, size_t *used) {
    if (!is_open(mapped)) {
        return CORRAL_INVALID_ARENA;
    }
    if (index >= mapped->info.chunks || base == NULL || used == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    const MappedChunk *chunk = &mapped->chunks[index];
    *base = mapped->content + chunk->offset;
    *used = chunk->used;
    return CORRAL_OK;
}

CorralStatus mapped_check(const MappedArena *mapped, MappedError *error) {
    if (!is_open(mapped)) {
        return mapped_refused(error, CORRAL_INVALID_ARENA, NULL, "what is to be checked is not open");
    }
    uint64_t bytes = mapped->info.bytes;
    OsFileError failed = mapped->info.how == MAPPED_SHARED ? mapped->files->size(mapped->file, &bytes) : 0;
    if (failed != 0) {
        return mapped_system_refused(error, failed, mapped->path, "say how long it is");
    }
    if (bytes != mapped->info.bytes) {
        return mapped_refused(error, CORRAL_FILE_DAMAGED, mapped->path,
                              "bytes=%" PRIu64 ", but it had %" PRIu64 " when it was opened: somebody has changed it, "
                              "make it again",
                              bytes, mapped->info.bytes);
    }
    return mapped_done(error);
}

const unsigned char *mapped_content(const MappedArena *mapped) {
    return mapped->content;
}
