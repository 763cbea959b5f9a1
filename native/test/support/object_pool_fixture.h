/* SPDX-License-Identifier: Apache-2.0
 * object_pool_fixture.h - a pool of objects in an arena of the fixture, and what `--oom` does around calls of it.
 * Layer: test support. May include: object_pool.h, arena_fixture.h. */
#ifndef CORRAL_TEST_SUPPORT_OBJECT_POOL_FIXTURE_H
#define CORRAL_TEST_SUPPORT_OBJECT_POOL_FIXTURE_H

#include "corral/object_pool.h"
#include "structures/object_pool_parts.h"
#include "support/arena_fixture.h"

typedef struct ObjectFixture {
    ArenaFixture base;
    ObjectPool *objects;
} ObjectFixture;

static inline ObjectPoolStats object_stats(const ObjectPool *objects) {
    ObjectPoolStats stats;
    CHECK_STATUS(object_pool_stats(objects, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.acquired, stats.released + stats.live);
    CHECK_LE_U64(stats.live, stats.peak_live);
    CHECK_LE_U64(stats.live, stats.capacity);
    return stats;
}

/* Reads the list of free objects too: a damaged link is damage. */
#define CHECK_SOUND(objects) CHECK_STATUS(object_pool_check(objects), CORRAL_OK)

static inline Arena *arena_under(const ObjectPool *objects) {
    return object_pool_arena(objects);
}

/* A failed acquire has changed nothing but what is kept for the next attempt. */
static inline bool is_to_repeat_on(const ArenaAttempt *before, ObjectPool *objects, const ObjectPoolStats *stats) {
    if (arena_under(objects) == NULL || !is_to_repeat(&before->pool, pool_under(arena_under(objects)))) {
        return false;
    }
    ObjectPoolStats now = object_stats(objects);
    CHECK_EQ_U64(now.live, stats->live);
    CHECK_EQ_U64(now.acquired, stats->acquired);
    CHECK_EQ_U64(now.capacity, stats->capacity);
    CHECK_SOUND(objects);
    return true;
}

#define REPEATING_ON(type, name, failed, parameters, arguments)      \
    static inline type repeat_##name parameters {                    \
        ArenaAttempt before = arena_attempt(arena_under(objects));   \
        ObjectPoolStats stats;                                       \
        object_pool_stats(objects, &stats);                          \
        type result = name arguments;                                \
        if ((failed) && is_to_repeat_on(&before, objects, &stats)) { \
            result = name arguments;                                 \
        }                                                            \
        return result;                                               \
    }

REPEATING_IN(ObjectPool *, object_pool_create, result == NULL, parent, (Arena * parent, size_t size), (parent, size))
REPEATING_IN(ObjectPool *, object_pool_create_with, result == NULL, parent,
             (Arena * parent, const ObjectPoolConfig *config), (parent, config))
REPEATING_ON(void *, object_pool_acquire, result == NULL, (ObjectPool * objects), (objects))
REPEATING_ON(ArenaRef, object_pool_acquire_ref, result == 0, (ObjectPool * objects), (objects))

#define object_pool_create repeat_object_pool_create
#define object_pool_create_with repeat_object_pool_create_with
#define object_pool_acquire repeat_object_pool_acquire
#define object_pool_acquire_ref repeat_object_pool_acquire_ref

static inline ObjectPool *object_fixture_with(ObjectFixture *fixture, const ObjectPoolConfig *config) {
    fixture->objects = object_pool_create_with(arena_fixture_default(&fixture->base), config);
    CHECK_TRUE(fixture->objects != NULL);
    return fixture->objects;
}

static inline ObjectPool *object_fixture(ObjectFixture *fixture, size_t size) {
    ObjectPoolConfig config = object_pool_config_default(size);
    return object_fixture_with(fixture, &config);
}

static inline void object_fixture_close(ObjectFixture *fixture) {
    CHECK_SOUND(fixture->objects);
    CHECK_STATUS(object_pool_destroy(fixture->objects), CORRAL_OK);
    CHECK_STATUS(object_pool_destroy(fixture->objects), CORRAL_INVALID_ARENA);
    CHECK_TRUE(object_pool_arena(fixture->objects) == NULL); /* it was told of its arena's end, also after a clear */
    arena_fixture_close(&fixture->base);
}

#endif
