/* SPDX-License-Identifier: Apache-2.0
 * interleave.c - the scheduler of interleave.h. It is not compiled with that header before it: here locks are locks. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/interleave.h"
#include "support/test.h"

#undef os_lock_take
#undef os_lock_release
#undef os_thread_end_init
#undef os_thread_end_set

enum { STEPS_MAX = 20000, LOCKS_MAX = 16, NOBODY = -1 };

/* Of `count` threads that could go on, the taken-th did. */
typedef struct Decision {
    uint8_t taken;
    uint8_t count;
} Decision;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of all that follows */
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static const Interleaving *tried;
static int running;
static size_t ended;
static size_t warmed;
static bool has_ended[INTERLEAVE_THREADS];
static const OsLock *waits_for[INTERLEAVE_THREADS];
static bool (*awaits[INTERLEAVE_THREADS])(void);
static const OsLock *held[LOCKS_MAX];
static Decision path[STEPS_MAX];
static size_t depth;  /* decisions so far */
static size_t length; /* decisions of the path that are given */
static unsigned preemptions;

static _Thread_local int self = NOBODY;
static void (*end_function)(void *);
static _Thread_local void *end_value;

/* --- decisions (under the mutex) ---------------------------------------------------------------------------------- */

static bool is_held(const OsLock *lock) {
    for (size_t i = 0; i < LOCKS_MAX; i++) {
        if (lock != NULL && held[i] == lock) {
            return true;
        }
    }
    return false;
}

static bool can_run(size_t thread) {
    return thread < tried->threads && !has_ended[thread] && !is_held(waits_for[thread]) &&
           (awaits[thread] == NULL || awaits[thread]());
}

static uint8_t decide(uint8_t count) {
    if (depth == STEPS_MAX) {
        fputs("interleave: too many steps\n", stderr);
        abort();
    }
    if (depth == length) {
        path[length++] = (Decision){.taken = 0, .count = count};
    } else if (path[depth].count != count) {
        fputs("interleave: the same decisions have led elsewhere\n", stderr);
        abort();
    }
    return path[depth++].taken;
}

/* The current thread comes first, if it can go on: to leave it is a preemption. */
static void choose(int current) {
    int able[INTERLEAVE_THREADS];
    uint8_t count = 0;
    bool goes_on = current != NOBODY && can_run((size_t)current);
    if (goes_on) {
        able[count++] = current;
    }
    for (int i = 0; i < INTERLEAVE_THREADS && !(goes_on && preemptions == tried->preemptions); i++) {
        if (i != current && can_run((size_t)i)) {
            able[count++] = i;
        }
    }
    if (count == 0) {
        fputs("interleave: deadlock\n", stderr);
        abort();
    }
    running = able[count > 1 ? decide(count) : 0];
    preemptions += goes_on && running != current;
    if (running != current) {
        pthread_cond_broadcast(&turn);
    }
}

static void await_turn(void) {
    while (running != self) {
        pthread_cond_wait(&turn, &mutex);
    }
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

void interleave_step(void) {
    if (self == NOBODY) {
        return;
    }
    pthread_mutex_lock(&mutex);
    choose(self);
    await_turn();
    pthread_mutex_unlock(&mutex);
}

void interleave_await(bool (*ready)(void)) {
    pthread_mutex_lock(&mutex);
    awaits[self] = ready;
    choose(self);
    await_turn();
    awaits[self] = NULL;
    pthread_mutex_unlock(&mutex);
}

void interleave_lock_take(OsLock *lock) {
    if (self == NOBODY) {
        os_lock_take(lock);
        return;
    }
    pthread_mutex_lock(&mutex);
    waits_for[self] = lock;
    choose(self);
    await_turn(); /* it is chosen only when the lock is free */
    waits_for[self] = NULL;
    for (size_t i = 0; i < LOCKS_MAX; i++) {
        if (held[i] == NULL) {
            held[i] = lock;
            break;
        }
    }
    pthread_mutex_unlock(&mutex);
}

void interleave_lock_release(OsLock *lock) {
    if (self == NOBODY) {
        os_lock_release(lock);
        return;
    }
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < LOCKS_MAX; i++) {
        held[i] = held[i] == lock ? NULL : held[i];
    }
    pthread_mutex_unlock(&mutex);
}

bool interleave_end_init(OsThreadEnd *end, void (*function)(void *)) {
    end_function = function;
    return os_thread_end_init(end, function);
}

bool interleave_end_set(OsThreadEnd end, void *value) {
    end_value = value;
    return os_thread_end_set(end, value);
}

void interleave_thread_end(void) {
    if (end_value != NULL) {
        end_function(end_value);
    }
}

/* --- one execution ------------------------------------------------------------------------------------------------ */

/* What the real end of a thread does takes real locks: so all wait until nobody's steps hold any. */
static void *thread_body(void *context) {
    size_t thread = *(size_t *)context;
    pthread_mutex_lock(&mutex);
    while (warmed != thread) {
        pthread_cond_wait(&turn, &mutex);
    }
    pthread_mutex_unlock(&mutex);
    if (tried->warm != NULL) {
        tried->warm(thread);
    }
    pthread_mutex_lock(&mutex);
    if (++warmed == tried->threads) {
        choose(NOBODY);
    }
    pthread_cond_broadcast(&turn);
    self = (int)thread;
    await_turn();
    pthread_mutex_unlock(&mutex);

    tried->run(thread);

    pthread_mutex_lock(&mutex);
    has_ended[thread] = true;
    if (++ended != tried->threads) {
        choose(self);
    }
    self = NOBODY;
    pthread_cond_broadcast(&turn);
    while (ended != tried->threads) {
        pthread_cond_wait(&turn, &mutex);
    }
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void execute(void) {
    pthread_t threads[INTERLEAVE_THREADS];
    size_t numbers[INTERLEAVE_THREADS];
    running = NOBODY;
    depth = ended = warmed = 0;
    preemptions = 0;
    for (size_t i = 0; i < INTERLEAVE_THREADS; i++) {
        has_ended[i] = false;
        waits_for[i] = NULL;
        awaits[i] = NULL;
        numbers[i] = i;
    }
    tried->prepare();
    for (size_t i = 0; i < tried->threads; i++) {
        if (pthread_create(&threads[i], NULL, thread_body, &numbers[i]) != 0) {
            fputs("interleave: no thread\n", stderr);
            abort();
        }
    }
    for (size_t i = 0; i < tried->threads; i++) {
        pthread_join(threads[i], NULL);
    }
    tried->verify();
}

/* The next path, depth first; false: that was the last. */
static bool advance(void) {
    while (length != 0 && path[length - 1].taken + 1 == path[length - 1].count) {
        length--;
    }
    if (length == 0) {
        return false;
    }
    path[length - 1].taken++;
    return true;
}

size_t interleave_all(const Interleaving *what) {
    size_t executions = 0;
    tried = what;
    length = 0;
    do {
        execute();
        executions++;
    } while (test_failures() == 0 && advance());
    return executions;
}
