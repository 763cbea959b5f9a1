/* SPDX-License-Identifier: Apache-2.0
 * mapped_arena.h - an arena in a file, for constants that many processes share.
 * Layer: structures. May include: arena_types.h, status.h.
 *
 *     Arena *arena = arena_create_default(pool);     any arena; `zeroed`, so that the file holds nothing by accident
 *     ... fill it; link its blocks by references, not by pointers ...
 *     mapped_seal(arena, "words.arena", &(MappedSeal){.root = root}, &error);
 *
 *     MappedArena *words = mapped_open("words.arena", MAPPED_SHARED, &error);       in this or any other process
 *     const Node *node = mapped_resolve(words, mapped_root(words), sizeof *node);
 *     mapped_close(words);
 *
 * The arena is built in memory, or, when it may outgrow that, in a pool on page_source_file(), whose nameless file
 * grows with it. The file itself grows when it is sealed: until then nothing of it could be trusted anyway, and who
 * still writes to the arena afterwards must not be able to change what was sealed.
 *
 * The file holds the used bytes of the arena's chunks. The references of the sealed arena are those of the file, at
 * whatever address it is mapped, so what was linked by references needs no change. Blocks keep an alignment of up to
 * MAPPED_ALIGNMENT.
 *
 * A sealed file never changes. A newer one takes its name, in one step: whoever has the older one open keeps it, and a
 * process that is killed at any moment while it seals leaves the older or the newer one. Never write to or truncate
 * such a file; see MAPPED_SHARED for what happens otherwise. */
#ifndef CORRAL_MAPPED_ARENA_H
#define CORRAL_MAPPED_ARENA_H

#include "corral/arena_types.h"
#include "corral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MAPPED_VERSION 1              /* of the format; a file of a later one is refused */
#define MAPPED_PAGE ((size_t)4096)    /* bytes of the header; a file has a multiple of this and of the machine's page */
#define MAPPED_ALIGNMENT ((size_t)64) /* the largest alignment that blocks keep */
#define MAPPED_TEXT_MAX 511           /* bytes */

typedef struct MappedArena MappedArena;

typedef struct MappedError {
    CorralStatus status;
    char text[MAPPED_TEXT_MAX + 1]; /* `name=value` pairs with the file and the cause; empty after CORRAL_OK */
} MappedError;

/* --- writing ------------------------------------------------------------------------------------------------------ */

typedef struct MappedSeal {
    ArenaRef root; /* where readers begin: a reference of the arena, or 0 */
    uint64_t tag;  /* the caller's: says what the file holds and in which version; 0 unless set */
} MappedSeal;

/* Writes what `arena` holds now to the file `path` (in the system's encoding), which it replaces. `seal`: NULL means no
 * root and no tag. The arena is not changed and can be used further; its children are not written.
 * Steps: a new file beside `path` (`.corral-*.new`) grows chunk by chunk, gets its checksum, is brought to the device
 * and takes the name, which is brought to the device, too. A process that is killed before the name is taken leaves the
 * new file behind, under its other name; the next seal of `path` removes it.
 * A symbolic link is followed, and stays: what it leads to is replaced (Windows: the link itself is). The new file has
 * the permissions of the old one.
 * Fails, and then `path` is what it was before and nothing else is there (`error` says why; NULL: not wanted; and so
 * does arena_last_status()):
 * CORRAL_INVALID_ARENA; CORRAL_INVALID_ARGUMENT (NULL path); CORRAL_STALE_REF (the root); CORRAL_NO_MEMORY (80 KiB of
 * the pool's, for the time of the call; or the system is short of memory or open files); CORRAL_FILE_REFUSED (the
 * system's answer is in the text: no such directory, no permission, no room on the device, ...). Only when the
 * directory cannot be brought to the device is the new file in place all the same, and the text says so.
 * Threads: the arena's owner. Cost: O(bytes), and the device's time for two syncs. */
CorralStatus mapped_seal(Arena *arena, const char *path, const MappedSeal *seal, MappedError *error);

/* --- reading ------------------------------------------------------------------------------------------------------ */

typedef enum MappedHow {
    /* The file's own pages, which all processes share. Whoever truncates the file takes them away: touching one is
     * SIGBUS from then on. Whoever writes to it changes what is read. */
    MAPPED_SHARED = 0,
    /* Memory of this process, into which the file is read: whatever is done to the file later has no effect. */
    MAPPED_LOADED = 1
} MappedHow;

/* Opens a sealed file for reading. It is read to its end and verified before this returns: kind of file, byte order,
 * version, page size (of the machine that sealed it, which has to be that of this one), size, checksum, and that every
 * chunk lies within it.
 * The checksum is XXH64 with seed 0 ("xxHash fast digest algorithm", Yann Collet, doc/xxhash_spec.md of
 * github.com/Cyan4973/xxHash). It finds damage, not forgery.
 * Returns: the arena, until mapped_close(). NULL with the reason in `error` (NULL: not wanted): CORRAL_INVALID_ARGUMENT
 * (NULL path, unknown `how`); CORRAL_FILE_REFUSED (the system did not open, read or map it); CORRAL_FILE_FOREIGN (no
 * such file, of another byte order or page size); CORRAL_FILE_NEWER (of a later version); CORRAL_FILE_DAMAGED
 * (truncated, or its bytes are not those that were sealed); CORRAL_NO_MEMORY (or too many files are open).
 * Threads: any. Cost: O(bytes); memory for 64 KiB and 16 bytes per chunk; for MAPPED_SHARED a descriptor, which stays
 * open, and for MAPPED_LOADED memory for the file. */
MappedArena *mapped_open(const char *path, MappedHow how, MappedError *error);

/* Ends it: pointers into it, and the arena itself, may not be used any more. CORRAL_OK, CORRAL_INVALID_ARENA (NULL, or
 * no MappedArena), CORRAL_FOREIGN_POINTER (it is Java's to close) or CORRAL_NO_MEMORY: the system did not take its
 * memory back.
 * Threads: one, when nobody uses the arena any more. */
CorralStatus mapped_close(MappedArena *mapped);

/* Whether the file still has all its bytes: for MAPPED_SHARED, after a SIGBUS and before it. CORRAL_OK,
 * CORRAL_INVALID_ARENA, CORRAL_FILE_DAMAGED (its size has changed, and `error`, NULL: not wanted, says to what) or
 * CORRAL_FILE_REFUSED (the system does not say). What was loaded is whole. Threads: any. Cost: one system call. */
CorralStatus mapped_check(const MappedArena *mapped, MappedError *error);

/* The reference that was sealed as root; 0 when there is none, or for what is no MappedArena. Threads: any. */
ArenaRef mapped_root(const MappedArena *mapped);

/* The address of a reference, with at least `bytes` bytes of its chunk from there on. NULL when the reference is null,
 * was made before the last reset of the arena or belongs to another one, when fewer bytes are there, or for what is no
 * MappedArena. A reference that is read from the file is as good as any other: it leads nowhere else.
 * Owner: the mapped arena, until mapped_close(). Read-only. Threads: any. Cost: O(1), without touching the file. */
const void *mapped_resolve(const MappedArena *mapped, ArenaRef ref, size_t bytes);

/* Bytes unless the name says otherwise. */
typedef struct MappedInfo {
    uint64_t bytes;      /* of the file */
    uint64_t used;       /* of the arena that was sealed; the rest of the file is headers and gaps */
    uint64_t count;      /* allocations of that arena since its last reset */
    uint64_t tag;        /* as sealed */
    ArenaRef root;       /* as sealed */
    uint32_t chunks;     /* count */
    uint32_t generation; /* of the references */
    MappedHow how;       /* as opened */
} MappedInfo;

/* Fills `info`; CORRAL_OK, CORRAL_INVALID_ARENA or CORRAL_INVALID_ARGUMENT (NULL info). Threads: any. Cost: O(1). */
CorralStatus mapped_info(const MappedArena *mapped, MappedInfo *info);

/* The first byte and the used bytes of a chunk (0 for one that held nothing). CORRAL_OK, CORRAL_INVALID_ARENA or
 * CORRAL_INVALID_ARGUMENT (no such chunk, NULL). Threads: any. Cost: O(1). */
CorralStatus mapped_chunk(const MappedArena *mapped, size_t index, const void **base, size_t *used);

#ifdef __cplusplus
}
#endif

#endif
