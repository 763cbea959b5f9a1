/* SPDX-License-Identifier: Apache-2.0
 * pages_numa_test.c - memory of one NUMA node or of all, on machines with one node or many. */
#define _GNU_SOURCE /* the seccomp filter, and fork */

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/mappings.h"
#include "support/source_checks.h"
#include "support/test.h"

/* Whether /proc/self/numa_maps says `policy` of the mapping at the address; true where there is no such file. */
static bool has_policy(const void *address, const char *policy) {
    FILE *maps = fopen("/proc/self/numa_maps", "r");
    if (maps == NULL) {
        return true;
    }
    char line[512];
    bool has = false;
    while (fgets(line, sizeof line, maps) != NULL) {
        if (strtoull(line, NULL, 16) == (uintptr_t)address) {
            has = strstr(line, policy) != NULL;
        }
    }
    fclose(maps);
    return has;
}

static void check_policy(PageSource *source, const char *policy) {
    void *pages = source_take(source, MIB, MIB);
    REQUIRE_TRUE(pages != NULL);
    if (!CHECK_TRUE(has_policy(pages, policy))) {
        printf("    the policy should be %s\n", policy);
    }
    CHECK_TRUE(source->discard(source->context, pages, MIB));
    CHECK_TRUE(has_policy(pages, policy));
    source_give(source, pages, MIB);
}

static void test_node_0_is_a_page_source(void) {
    PageSourceError error;
    PageSource *source = page_source_numa_node(0, &error);
    REQUIRE_TRUE(source_is_made(source, &error));
    CHECK_TRUE(!source->exposed);
    check_source(source, 4 * MIB);
    check_pool_on(source);
    check_policy(source, "bind:0");
    page_source_close(source);
}

static void test_interleaved_nodes_are_a_page_source(void) {
    PageSourceError error;
    PageSource *source = page_source_numa_interleave(&error);
    REQUIRE_TRUE(source_is_made(source, &error));
    check_source(source, 4 * MIB);
    check_pool_on(source);
    check_policy(source, "interleave:");
    page_source_close(source);
}

static bool node_exists(unsigned node) {
    char path[64];
    snprintf(path, sizeof path, "/sys/devices/system/node/node%u", node);
    return access(path, F_OK) == 0;
}

static void test_node_that_is_not_there_is_refused(void) {
    static const unsigned nodes[] = {1, 2, 63, 64, 1022, 1023, 1024, 5000, 4294967295U};
    for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
        PageSourceError error;
        char named[32];
        snprintf(named, sizeof named, "node=%u nodes=0", nodes[i]);
        if (!node_exists(nodes[i])) {
            source_is_refused(page_source_numa_node(nodes[i], &error), &error, CORRAL_NOT_SUPPORTED, named);
        }
    }
}

static void test_every_node_that_is_there_can_be_had(void) {
    for (unsigned node = 0; node_exists(node); node++) {
        PageSourceError error;
        PageSource *source = page_source_numa_node(node, &error);
        REQUIRE_TRUE(source_is_made(source, &error));
        char policy[32];
        snprintf(policy, sizeof policy, "bind:%u", node);
        check_policy(source, policy);
        page_source_close(source);
    }
}

/* --- a sandbox ---------------------------------------------------------------------------------------------------- */

/* Makes `call` fail with EPERM for the rest of the process. */
static bool forbid(unsigned call) {
    struct sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
                                   BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                                   BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Where there is one node nothing is lost; where there are more, the caller is told. */
static void check_without_choice(void) {
    PageSourceError error;
    PageSource *node_0 = page_source_numa_node(0, &error);
    if (node_exists(1) && node_0 == NULL) {
        source_is_refused(node_0, &error, CORRAL_NOT_SUPPORTED, "node=0");
    } else if (source_is_made(node_0, &error)) {
        check_pool_on(node_0);
        page_source_close(node_0);
    }
    source_is_refused(page_source_numa_node(1, &error), &error, CORRAL_NOT_SUPPORTED, "node=1");
    PageSource *all = page_source_numa_interleave(&error);
    if (source_is_made(all, &error)) {
        check_pool_on(all);
        page_source_close(all);
    }
}

static void run_without(unsigned call) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (!forbid(call)) {
            _exit(2);
        }
        check_without_choice();
        fflush(stdout);
        _exit(test_failures() != 0);
    }
    int status = -1;
    CHECK_TRUE(child > 0 && waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
        test_skip("this process may not restrict itself");
    } else {
        CHECK_EQ_I64(status, 0);
    }
}

static void test_node_0_falls_back_where_mbind_is_forbidden(void) {
    run_without(SYS_mbind);
}

static void test_node_0_falls_back_where_nodes_are_not_told(void) {
    run_without(SYS_get_mempolicy);
}

TEST_MAIN(TEST_CASE(test_node_0_is_a_page_source), TEST_CASE(test_interleaved_nodes_are_a_page_source),
          TEST_CASE(test_node_that_is_not_there_is_refused), TEST_CASE(test_every_node_that_is_there_can_be_had),
          TEST_CASE(test_node_0_falls_back_where_mbind_is_forbidden),
          TEST_CASE(test_node_0_falls_back_where_nodes_are_not_told))
