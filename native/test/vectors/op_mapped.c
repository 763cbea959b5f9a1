/* SPDX-License-Identifier: Apache-2.0
 * op_mapped.c - arenas that are sealed in files, in a directory that exists while the vector runs. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "structures/mapped_parts.h"
#include "vectors/operations.h"
#include "vectors/structures.h"

typedef struct MappedField {
    const char *key;
    size_t offset; /* in MappedInfo */
    size_t size;
} MappedField;

#define FIELD(name) \
    { #name, offsetof(MappedInfo, name), sizeof(((MappedInfo *)NULL)->name) }

static const MappedField fields[] = {FIELD(bytes), FIELD(used), FIELD(count), FIELD(tag), FIELD(chunks)};

/* --- files -------------------------------------------------------------------------------------------------------- */

static char directory[256]; /* empty: there is none */

/* The path of a file that is called so; a file that could not be sealed makes the operation skip. */
static const char *file_operand(Run *run, Line *line) {
    static char path[sizeof directory + 128];
    const Word *word = word_operand(run, line);
    if (directory[0] == '\0') {
        const char *parent = getenv("TMPDIR");
        snprintf(directory, sizeof directory, "%s/corral-vector-XXXXXX", parent != NULL ? parent : "/tmp");
        if (mkdtemp(directory) == NULL) {
            run_fail(run, "cannot create %s", directory);
        }
    }
    const Thing *thing = thing_find(run, word->text);
    run->skip = run->skip || (thing != NULL && thing->kind == THING_MISSING);
    snprintf(path, sizeof path, "%s/%.100s", directory, word->text);
    return path;
}

static void remove_directory(void) {
    DIR *files = directory[0] != '\0' ? opendir(directory) : NULL;
    for (struct dirent *entry; files != NULL && (entry = readdir(files)) != NULL;) {
        char path[sizeof directory + sizeof entry->d_name + 1];
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        unlink(path);
    }
    if (files != NULL) {
        closedir(files);
        rmdir(directory);
    }
    directory[0] = '\0';
}

void finish_files(Run *run) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_MAPPED && thing->mapped != NULL && mapped_close(thing->mapped) != CORRAL_OK) {
            run_fail(run, "file %s cannot be closed", thing->name);
        }
    }
    remove_directory();
}

static void read_or_write(Run *run, const char *path, long offset, unsigned char flipped) {
    FILE *file = fopen(path, "r+b");
    int byte = file != NULL && fseek(file, offset, SEEK_SET) == 0 ? fgetc(file) : EOF;
    bool done = byte != EOF && fseek(file, offset, SEEK_SET) == 0 && fputc(byte ^ flipped, file) != EOF;
    if ((file != NULL && fclose(file) != 0) || !done) {
        run_fail(run, "byte %ld of %s cannot be changed", offset, path);
    }
}

void op_cut(Run *run, Line *line, Outcome *outcome) {
    (void)outcome;
    const char *path = file_operand(run, line);
    uint64_t bytes = number_operand(run, line);
    if (ready(run, line) && truncate(path, (off_t)bytes) != 0) {
        run_fail(run, "%s cannot be cut", path);
    }
}

void op_flip(Run *run, Line *line, Outcome *outcome) {
    (void)outcome;
    const char *path = file_operand(run, line);
    uint64_t offset = number_operand(run, line);
    if (ready(run, line)) {
        read_or_write(run, path, (long)offset, 0x80);
    }
}

/* --- sealing and opening ------------------------------------------------------------------------------------------ */

void op_seal(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    const char *path = file_operand(run, line);
    const Word *root = line_option(line, "root");
    MappedSeal seal = {.tag = option_number(run, line, "tag", 0)};
    seal.root = root != NULL ? ref_of(run, root->text, outcome->arena) : 0;
    if (!ready(run, line)) {
        return;
    }
    MappedError error;
    outcome->status = mapped_seal(outcome->arena, path, &seal, &error);
    if (error.status != outcome->status || (outcome->status != CORRAL_OK) != (strstr(error.text, path) != NULL)) {
        run_fail(run, "the error does not say what was returned: %s", error.text);
    }
    if (outcome->status != CORRAL_OK && thing_of_arena(run, outcome->arena) != NULL &&
        arena_last_status(outcome->arena) != outcome->status) {
        run_fail(run, "returned another status than arena_last_status");
    }
}

void op_open_file(Run *run, Line *line, Outcome *outcome) {
    const Word *name = word_operand(run, line);
    const char *path = file_operand(run, line);
    MappedHow how = option_number(run, line, "loaded", 0) != 0 ? MAPPED_LOADED : MAPPED_SHARED;
    if (!ready(run, line)) {
        return;
    }
    MappedError error;
    MappedArena *mapped = mapped_open_with(os_files(), &run->fake.source, path, how, &error);
    outcome->status = error.status;
    if ((mapped != NULL) != (error.status == CORRAL_OK) || (mapped == NULL && strstr(error.text, path) == NULL)) {
        run_fail(run, "the error does not say what was returned: %s", error.text);
    }
    if (mapped != NULL) {
        thing_bind(run, name->text, THING_MAPPED)->mapped = mapped;
    }
}

static Thing *mapped_operand(Run *run, Line *line) {
    static Thing none;
    Thing *thing = thing_find(run, word_operand(run, line)->text);
    if (thing == NULL || (thing->kind != THING_MAPPED && thing->kind != THING_MISSING)) {
        run_fail(run, "this is no open file");
    }
    run->skip = run->skip || (thing != NULL && thing->kind == THING_MISSING);
    return thing != NULL ? thing : &none;
}

void op_close_file(Run *run, Line *line, Outcome *outcome) {
    Thing *thing = mapped_operand(run, line);
    if (ready(run, line)) {
        outcome->status = mapped_close(thing->mapped);
        thing->mapped = NULL;
    }
}

void op_check_file(Run *run, Line *line, Outcome *outcome) {
    const Thing *thing = mapped_operand(run, line);
    if (ready(run, line)) {
        MappedError error;
        outcome->status = mapped_check(thing->mapped, &error);
        if (error.status != outcome->status || (error.status == CORRAL_OK) != (error.text[0] == '\0')) {
            run_fail(run, "the error does not say what was returned: %s", error.text);
        }
    }
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static size_t size_of_type(Run *run, const char *type) {
    static const struct {
        const char *name;
        size_t size;
    } types[] = {{"byte", 1}, {"short", 2}, {"int", 4}, {"long", 8}, {"ref", 8}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, type) == 0) {
            return types[i].size;
        }
    }
    run_fail(run, "unknown type: %s", type);
    return 1;
}

static ArenaRef mapped_ref(Run *run, const Thing *thing, const char *text) {
    return strcmp(text, "root") == 0 ? mapped_root(thing->mapped) : ref_of(run, text, NULL);
}

void op_read_file(Run *run, Line *line, Outcome *outcome) {
    const Thing *thing = mapped_operand(run, line);
    ArenaRef ref = mapped_ref(run, thing, word_operand(run, line)->text);
    const char *type = word_operand(run, line)->text;
    size_t size = size_of_type(run, type);
    uint64_t offset = number_operand(run, line);
    bool refused = line->arrow < line->count && line->words[line->arrow].text[0] == '!';
    const Word *word = refused ? NULL : line_result(line);
    if (!ready(run, line)) {
        return;
    }
    const unsigned char *start = mapped_resolve(thing->mapped, ref, 0);
    const unsigned char *found =
        start != NULL && offset < 1U << 30 ? mapped_resolve(thing->mapped, ref, offset + size) : NULL;
    outcome->status = thing->mapped == NULL ? CORRAL_INVALID_ARENA : found == NULL ? CORRAL_STALE_REF : CORRAL_OK;
    if (found == NULL || word == NULL) {
        return;
    }
    bool is_ref = strcmp(type, "ref") == 0;
    uint64_t expected = is_ref ? mapped_ref(run, thing, word->text) : number_of(run, word->text);
    uint64_t actual = 0;
    memcpy(&actual, found + offset, size);
    if (memcmp(&actual, &expected, size) != 0) { /* the low bytes come first on the machines that run this */
        run_fail(run, "%s: expected %s, actual %llu", type, word->text, (unsigned long long)actual);
    }
}

void op_file(Run *run, Line *line, Outcome *outcome) {
    const Thing *thing = mapped_operand(run, line);
    MappedInfo info;
    outcome->status = run->skip ? CORRAL_OK : mapped_info(thing->mapped, &info);
    for (Word *word; !run->skip && !run->failed && (word = line_unused(line, true)) != NULL;) {
        word->used = true;
        const MappedField *field = NULL;
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
            field = strcmp(fields[i].key, word->key) == 0 ? &fields[i] : field;
        }
        uint64_t actual = 0;
        if (field != NULL && outcome->status == CORRAL_OK) {
            memcpy(&actual, (const char *)&info + field->offset, field->size);
        } else if (field == NULL) {
            run_fail(run, "unknown number: %s", word->key);
        }
        if (outcome->status == CORRAL_OK && actual != number_of(run, word->text) && !run->derailed) {
            run_fail(run, "%s: expected %s, actual %llu", word->key, word->text, (unsigned long long)actual);
        }
    }
}
